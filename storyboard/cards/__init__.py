"""Model cards: limits, defaults and prices as data; `data/*.toml` holds one file a model."""

from storyboard.cards.catalog import builtin_cards, load_catalog
from storyboard.cards.model_card import Catalog, Json, ModelCard, ParameterRule, Price, Requirement, SharedJobRule

__all__ = [
    "Catalog",
    "Json",
    "ModelCard",
    "ParameterRule",
    "Price",
    "Requirement",
    "SharedJobRule",
    "builtin_cards",
    "load_catalog",
]
