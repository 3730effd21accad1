"""Prices from the configuration: `[prices]` in `storyboard.toml`, or in the user's own configuration.

`kirin_v2_6_t2v = "0.10"` is US dollars per second of every job of a model; a list of tables, as in a card, is by
parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from storyboard.cards.model_card import Catalog, ModelCard, Price
from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import replace
from storyboard.forms import is_plain


def with_prices(catalog: Catalog, prices: Mapping[str, Any], *, of_project: bool) -> Catalog:
    """Return the catalogue with these prices. A project's never lower the price of a built-in card or the user's own
    prices, which take precedence. Raises `UsageError` naming the key.
    """
    return {**catalog, **{name: _priced(catalog, name, raw, of_project) for name, raw in prices.items()}}


def _priced(catalog: Catalog, name: str, raw: Any, of_project: bool) -> ModelCard:
    card = catalog.get(name)
    if card is None:
        raise UsageError(f"`prices.{name}`: there is no model `{name}`", help=did_you_mean(name, catalog))
    table = raw if isinstance(raw, list) else [{"per_second": raw}]
    prices = tuple(_price(card, f"prices.{name}", entry) for entry in table)
    priced = replace(card, prices=prices, floor=None)
    floor = (card if card.builtin else card.floor) if of_project else priced
    return replace(priced, floor=floor)


def _price(card: ModelCard, place: str, entry: Any) -> Price:
    when = entry.get("when", {}) if isinstance(entry, dict) else None
    if not isinstance(when, dict) or not entry.keys() <= {"when", "per_second"}:
        raise UsageError(f"`{place}` should be US dollars per second, or tables with `when` and `per_second`")
    for parameter in when:
        if parameter not in card.parameters:
            known = did_you_mean(parameter, card.parameters)
            raise UsageError(f"`{place}`: {card.name} has no parameter `{parameter}`", help=known)
    return Price(dict(when), _amount(entry.get("per_second"), place))


def _amount(value: Any, place: str) -> Decimal:
    try:
        amount = None if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        amount = None
    if amount is None or not is_plain(amount) or amount < 0:
        raise UsageError(f"`{place}`: `{value}` is not an amount of US dollars per second")
    return amount
