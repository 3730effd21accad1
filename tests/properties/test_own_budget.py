"""No combination of project file, story, flag and environment spends above a person's own budget."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyboard.files.user_folders import config_folder
from storyboard.simulator import SimulatorConfig
from storyboard.simulator.server import RunningSimulator, serve
from tests.support.cli import Cli
from tests.support.shop import SETTINGS, STORY, Shop

OWN = Decimal("1.20")
AMOUNTS = st.none() | st.sampled_from(["0.6", "1", "5", "100", "1000000"])
STEPS = st.fixed_dictionaries(
    {
        "project": st.sampled_from(["one", "two"]),
        "text": st.sampled_from(["Paper", "Tin", "Glass", "Reed"]),
        "project_budget": AMOUNTS,
        "story_budget": AMOUNTS,
        "max_cost": AMOUNTS,
        "flag_store": st.sampled_from([None, "x", "y"]),
        "variable_store": st.sampled_from([None, "z"]),
        "variant": st.sampled_from([None, "night"]),
        "without_lock": st.booleans(),
        "without_stores": st.booleans(),
    }
)


@pytest.fixture
def gateway() -> Iterator[RunningSimulator]:
    with serve(SimulatorConfig(take=0.05)) as gateway:
        yield gateway


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=2, max_size=5))
def test_nothing_exceeds_a_personal_budget(gateway: RunningSimulator, steps: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for folder in ("work", "home"):
            (root / folder).mkdir()
        shop = Shop(Cli(root / "work", root / "home"), gateway, key=f"sk-simulated-{root.name}")
        own = config_folder(shop.cli.environment)
        own.mkdir(parents=True, exist_ok=True)
        (own / "config.toml").write_text(f'budget = "{OWN} USD"\n')
        for step in steps:
            take_step(shop, root, step)
            assert shop.paid <= OWN, step


def take_step(shop: Shop, root: Path, step: dict[str, Any]) -> None:
    folder = root / "work" / step["project"]
    folder.mkdir(exist_ok=True)
    shop.cli.folder = folder
    budget = f'budget = "{step["project_budget"]} USD"\n' if step["project_budget"] else ""
    shop.cli.write("storyboard.toml", SETTINGS + budget)
    line = f"\n  .budget {step['story_budget']} USD\n" if step["story_budget"] else "\n"
    text = STORY.replace("Paper", step["text"]).replace("A street", f"{step['text']} in a street")
    shop.cli.write("film.story", text.replace("\n", line, 1))
    if step["without_lock"]:
        for lock in folder.glob("*.lock"):
            lock.unlink()
    if step["without_stores"]:
        for store in root.glob("store-*"):
            shutil.rmtree(store)
    words = ["--max-cost", step["max_cost"]] if step["max_cost"] else ["--yes"]
    words += ["--store", str(root / f"store-{step['flag_store']}")] if step["flag_store"] else []
    words += ["--as", step["variant"]] if step["variant"] else []
    variable = str(root / f"store-{step['variable_store']}") if step["variable_store"] else ""
    done = shop("build", *words, env={"STORYBOARD_STORE": variable} if variable else None)
    assert done.code in (0, 4), (done.out, done.err)
