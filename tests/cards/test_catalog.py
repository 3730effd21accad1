"""The catalogue: built-in cards as the gateway's documents have them, a project's beside and over them."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.cards import builtin_cards, load_catalog
from storyboard.cards.catalog import BUILTIN, _parse
from storyboard.cards.form import CardForm
from storyboard.errors import UsageError
from storyboard.providers.kirin.gateway import Kirin

MINE = """
name = "mine"
max_prompt = 100

[duration]
allowed = [4, 8]
default = 4

[providers.kirin]
duration = "number"
"""


def project(tmp_path: Path, **cards: str) -> Path:
    (tmp_path / "cards").mkdir()
    for name, text in cards.items():
        (tmp_path / "cards" / f"{name}.toml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("path", sorted(BUILTIN.glob("*.toml")), ids=lambda path: path.stem)
def test_built_in_cards_match_the_schema_for_project_cards(path: Path) -> None:
    assert CardForm.model_validate(_parse(path.read_bytes())).name == path.stem


def test_the_six_models_are_built_in() -> None:
    assert set(builtin_cards()) == {
        "kirin_v1_t2v",
        "kirin_v1_6_t2v",
        "kirin_v2_master_t2v",
        "kirin_v2_1_master_t2v",
        "kirin_v2_6_t2v",
        "kirin_v3_t2v",
    }


def test_limits_of_the_model_with_several_shots() -> None:
    card = builtin_cards()["kirin_v3_t2v"]
    assert card.duration.allowed == tuple(range(3, 16))
    assert (card.max_prompt, card.max_negative) == (2500, 2500)
    assert card.shared_job is not None
    assert (card.shared_job.max_shots, card.shared_job.max_prompt, card.shared_job.min_seconds) == (6, 512, 1)


@pytest.mark.parametrize(
    ("parameters", "price"),
    [
        ({}, "0.084"),
        ({"sound": "on"}, "0.126"),
        ({"mode": "pro"}, "0.112"),
        ({"mode": "pro", "sound": "on", "aspect_ratio": "1:1"}, "0.168"),
    ],
)
def test_prices_fill_in_defaults(parameters: dict[str, str], price: str) -> None:
    assert builtin_cards()["kirin_v3_t2v"].price_per_second(parameters) == Decimal(price)


def test_model_without_a_price_has_no_price() -> None:
    assert builtin_cards()["kirin_v1_t2v"].price_per_second({}) is None


def test_a_project_adds_a_model_without_code(tmp_path: Path) -> None:
    catalog = load_catalog(project(tmp_path, mine=MINE))
    assert catalog["mine"].duration.allowed == (4, 8)
    assert not catalog["mine"].builtin
    assert "kirin_v3_t2v" in catalog


def test_without_a_project_only_the_built_in_cards_exist(tmp_path: Path) -> None:
    assert load_catalog(None) == load_catalog(tmp_path) == builtin_cards()


CHEAP = (
    MINE.replace("mine", "kirin_v3_t2v")
    + """
[[providers.kirin.prices]]
per_second = {}
"""
)


@pytest.mark.parametrize(("asked", "counts"), [("0.01", "0.084"), ("9.5", "9.5"), ('"0.50"', "0.50")])
def test_project_card_never_lowers_a_built_in_estimate(tmp_path: Path, asked: str, counts: str) -> None:
    card = load_catalog(project(tmp_path, cheap=CHEAP.format(asked)))["kirin_v3_t2v"]
    assert card.price_per_second({}) == Decimal(counts)
    assert card.duration.allowed == (4, 8)


def test_project_card_without_prices_keeps_the_built_in_prices(tmp_path: Path) -> None:
    card = load_catalog(project(tmp_path, bare=MINE.replace("mine", "kirin_v3_t2v")))["kirin_v3_t2v"]
    assert card.price_per_second({"mode": "pro"}) == Decimal("0.112")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MINE.replace('name = "mine"', ""), "`name` is missing"),
        (MINE.replace("max_prompt = 100", "max_promt = 100"), "`max_prompt` is missing"),
        (MINE.replace("= 100", '= "100"'), "`max_prompt` should be a whole number"),
        (MINE.replace("= 100", "= 0"), "`max_prompt` should be more than 0"),
        (MINE.replace("[4, 8]", "[8, 4]"), "`duration.allowed` should be in ascending order"),
        (MINE.replace("default = 4", "default = 5"), "`duration` its default should be one of allowed"),
        (MINE.replace("default = 4", "default = 4\ncolour = true"), "`duration.colour` is not a field of a card"),
        (MINE + '[parameters.mode]\nkind = "choice"\n', "`parameters.mode` choices are required for kind choice"),
        (
            MINE + "[[providers.kirin.prices]]\nper_second = true\n",
            "`providers.kirin.prices.0.per_second` should be a number",
        ),
        (
            MINE + "[[providers.kirin.prices]]\nper_second = -1\n",
            "`providers.kirin.prices.0.per_second` should be at least 0",
        ),
        (MINE + '[[providers.kirin.prices]]\nper_second = 1\nwhen = { mood = "x" }\n', "`mood`"),
        (MINE + '[[providers.kirin.prices]]\nper_second = "1e300"\n', "should be a number of at most 12 digits"),
        (MINE + "[[providers.kirin.prices]]\nper_second = 1e-999999\n", "should be a number of at most 12 digits"),
        (MINE.replace("[4, 8]", "[4, 86400]"), "`duration.allowed.1` should be at most 600"),
        (MINE.replace("= 100", f"= {10**30}"), "`max_prompt` should be at most 1000000000"),
        ("name = ", "is not TOML"),
    ],
)
def test_a_mistake_names_file_and_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as trouble:
        load_catalog(project(tmp_path, wrong=text))
    assert "cards/wrong.toml" in trouble.value.message
    assert said in trouble.value.message


def test_two_cards_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cards/b\.toml and cards/a\.toml both define"):
        load_catalog(project(tmp_path, a=MINE, b=MINE))


def test_a_model_that_the_provider_does_not_sell_is_not_in_its_catalogue(tmp_path: Path) -> None:
    text = MINE.replace("providers.kirin", "providers.other")
    assert "mine" not in load_catalog(project(tmp_path, mine=text))
    assert set(load_catalog(tmp_path, "other")) == {"mine"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('duration = "minutes"', '`providers.kirin.duration` should be "string" or "number"'),
        ("model = 3", "`providers.kirin.model` should be text"),
        ('colour = "red"', "`providers.kirin.colour` is not a key for Kirin"),
    ],
)
def test_provider_reports_a_mistake_in_its_own_table(tmp_path: Path, table: str, said: str) -> None:
    text = MINE.replace('duration = "number"', table)
    with pytest.raises(UsageError, match=re.escape(said)):
        Kirin(catalog=load_catalog(project(tmp_path, mine=text)))
