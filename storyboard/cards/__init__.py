"""Model cards: limits, defaults and prices as data; `data/*.toml` holds one file a model."""

from storyboard.cards.catalog import builtin_cards, load_catalog
from storyboard.cards.model_card import Catalog, Json, ModelCard, MultiShotRule, ParameterRule, Price, Requirement

__all__ = [
    "Catalog",
    "Json",
    "ModelCard",
    "MultiShotRule",
    "ParameterRule",
    "Price",
    "Requirement",
    "builtin_cards",
    "load_catalog",
]
