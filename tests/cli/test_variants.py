"""A variant remembers the values of its `param`s: in its lock, or as the project declares them."""

from __future__ import annotations

import json

import pytest

from storyboard.errors import ExitCode
from tests.support.cli import Cli
from tests.support.shop import Shop

STORY = 'story "City"\n  .model kirin_v3_t2v\n\nparam season = spring\n\nshot street 3s\n  A street in {{ season }}.\n'
SMALL = "[animatic]\nwidth = 160\nfps = 4\n"


@pytest.fixture
def city(cli: Cli) -> Cli:
    cli.write("city.story", STORY)
    cli.write("storyboard.toml", SMALL)
    return cli


def prompts(cli: Cli, *words: str) -> str:
    done = cli("compile", *words)
    assert done.code == 0, done.err
    return done.out


def kept(cli: Cli) -> object:
    return json.loads((cli.folder / "city.winter.story.lock").read_text("utf-8").splitlines()[0]).get("values")


def test_the_lock_of_a_variant_keeps_its_values(city: Cli) -> None:
    built = city("build", "--set", "season=winter", "--as", "winter")
    assert built.code == 0, built.err
    assert "variant winter: season=winter" in built.out
    assert kept(city) == {"season": "winter"}
    assert "A street in winter." in prompts(city, "--as", "winter")
    assert "A street in spring." in prompts(city)


def test_the_project_declares_the_values_of_a_variant(city: Cli) -> None:
    city.write("storyboard.toml", f'{SMALL}[variants.winter]\nseason = "snow"\n')
    assert "A street in snow." in prompts(city, "--as", "winter")
    assert "A street in sleet." in prompts(city, "--as", "winter", "--set", "season=sleet")
    assert "variant winter: season=snow" in city("plan", "--as", "winter").out


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('seson = "snow"', "did you mean `season`?"),
        ("season = 3", 'must be a text in quotes, `season = "3"`'),
    ],
)
def test_bad_declared_value_is_reported(city: Cli, table: str, said: str) -> None:
    city.write("storyboard.toml", f"{SMALL}[variants.winter]\n{table}\n")
    done = city("compile", "--as", "winter")
    assert done.code == ExitCode.USAGE
    assert said in done.err


def test_changed_values_of_a_variant_need_permission(city: Cli) -> None:
    city("build", "--set", "season=winter", "--as", "winter")
    refused = city("build", "--set", "season=summer", "--as", "winter")
    assert refused.code == ExitCode.SPENDING
    assert "was built with season=winter, and now has season=summer" in refused.err
    assert kept(city) == {"season": "winter"}
    allowed = city("build", "--set", "season=summer", "--as", "winter", "--yes")
    assert allowed.code == 0, allowed.err
    assert kept(city) == {"season": "summer"}


def test_a_bought_variant_is_built_again_by_its_name_alone(shop: Shop) -> None:
    shop.cli.write("city.story", STORY)
    bought = shop("build", "--provider", "kirin", "--yes", "--set", "season=winter", "--as", "winter")
    assert bought.code == 0, bought.err
    again = shop("build", "--provider", "kirin", "--yes", "--as", "winter")
    assert again.code == 0, again.err
    assert kept(shop.cli) == {"season": "winter"}
    assert "paid" not in again.out


def test_lock_with_damaged_values_is_reported(city: Cli) -> None:
    city.write("city.winter.story.lock", '{"version": 2, "values": {"season": 3}}\n')
    done = city("compile", "--as", "winter")
    assert done.code != 0
    assert "`values` is not valid in a lock" in done.err
