"""The catalogue of models: the built-in cards, and the project's `cards/*.toml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from storyboard.cards.build import card_from
from storyboard.cards.model_card import Catalog
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import replace
from storyboard.files.disk import SMALL, check_inside, names_in, read_all_packaged, read_file
from storyboard.files.toml import parse_toml

BUILTIN = Path(__file__).with_name("data")
PROJECT_FOLDER = "cards"
DEFAULT_PROVIDER = "kirin"


def load_catalog(project_root: Path | None, provider: str = DEFAULT_PROVIDER) -> Catalog:
    """Load the models that a provider sells: the built-in cards, plus the project's, which may replace them.

    A project's card replaces the built-in card of its name, but never lowers its price. Raises
    `UsageError` naming file and field where a project's card cannot be used.
    """
    catalog = dict(builtin_cards(provider))
    seen: dict[str, Path] = {}
    for path in _card_files(project_root) if project_root is not None else ():
        raw = _project_card(path)
        name = raw["name"]
        if name in seen:
            raise UsageError(f"{_short(path)} and {_short(seen[name])} both define the model `{name}`")
        seen[name] = path
        card = card_from(raw, provider, builtin=False)
        if card is not None:
            catalog[name] = replace(card, floor=builtin_cards(provider).get(name))
    return catalog


@cache
def builtin_cards(provider: str = DEFAULT_PROVIDER) -> Catalog:
    """Return the built-in cards of the models that a provider sells."""
    raws = (parse_toml(text) for text in read_all_packaged(BUILTIN, ".toml"))
    read = (card_from(raw, provider, builtin=True) for raw in raws)
    return {card.name: card for card in read if card is not None}


def _card_files(project_root: Path) -> list[Path]:
    try:
        check_inside(project_root / PROJECT_FOLDER, project_root)
        names = names_in(project_root / PROJECT_FOLDER)
        return [project_root / PROJECT_FOLDER / name for name in names if name.endswith(".toml")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as trouble:
        raise UsageError(f"{PROJECT_FOLDER}/ cannot be read: {trouble.strerror}") from trouble


def _project_card(path: Path) -> dict[str, Any]:
    from pydantic import ValidationError

    from storyboard.cards.form import CardForm

    raw = _read(path)
    try:
        CardForm.model_validate(raw)
    except ValidationError as wrong:
        from storyboard.cards.mistakes import describe

        raise UsageError(f"{_short(path)}: {describe(wrong)}", help=_HELP) from None
    return raw


_HELP = "`storyboard models` shows the built-in cards; copy one as a start for your own"


def _read(path: Path) -> dict[str, Any]:
    try:
        return _parse(read_file(path, SMALL, inside=path.parent.parent))
    except OSError as trouble:
        raise UsageError(f"{_short(path)} cannot be read: {trouble.strerror}") from trouble
    except (ValueError, RecursionError) as wrong:
        raise UsageError(f"{_short(path)} is not TOML: {wrong}") from None


def _parse(content: bytes) -> dict[str, Any]:
    return parse_toml(content.decode())


def _short(path: Path) -> str:
    return f"{PROJECT_FOLDER}/{path.name}"
