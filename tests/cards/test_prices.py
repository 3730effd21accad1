"""`[prices]` of the configuration."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from storyboard.cards import builtin_cards
from storyboard.cards.prices import with_prices
from storyboard.errors import UsageError


@pytest.mark.parametrize("raw", ["0.10", 0.1, [{"per_second": "0.10"}], [{"when": {"mode": "std"}, "per_second": 0.1}]])
def test_a_model_without_a_price_gets_one(raw: Any) -> None:
    catalog = with_prices(builtin_cards(), {"kirin_v2_6_t2v": raw}, of_project=True)
    assert catalog["kirin_v2_6_t2v"].price_per_second({}) == Decimal("0.1")


@pytest.mark.parametrize(("of_project", "price"), [(True, "0.084"), (False, "0.01")])
def test_only_the_user_may_lower_a_built_in_estimate(of_project: bool, price: str) -> None:
    catalog = with_prices(builtin_cards(), {"kirin_v3_t2v": "0.01"}, of_project=of_project)
    assert catalog["kirin_v3_t2v"].price_per_second({}) == Decimal(price)


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ({"kirin_v3_t2w": 1}, "there is no model `kirin_v3_t2w`"),
        ({"kirin_v3_t2v": "cheap"}, "`prices.kirin_v3_t2v`: `cheap`"),
        ({"kirin_v3_t2v": "1e300"}, "`prices.kirin_v3_t2v`"),
        ({"kirin_v3_t2v": -1}, "`prices.kirin_v3_t2v`"),
        ({"kirin_v3_t2v": True}, "`prices.kirin_v3_t2v`"),
        ({"kirin_v3_t2v": ["x"]}, "should be US dollars per second"),
        ({"kirin_v3_t2v": [{"when": {"mood": "x"}, "per_second": 1}]}, "no parameter `mood`"),
        ({"kirin_v3_t2v": [{"per_minute": 1}]}, "should be US dollars per second"),
    ],
)
def test_a_mistake_names_its_key(prices: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as trouble:
        with_prices(builtin_cards(), prices, of_project=True)
    assert said in trouble.value.message
