"""The recipes for GitHub and GitLab, and the hooks for pre-commit: what they run is there, and who sees the key."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cli import Cli
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
RECIPES = sorted([*(ROOT / "ci").rglob("*.yml"), ROOT / "storyboard/project/starter/stories.yml"])
PAGE = (ROOT / "docs/pull-requests.md").read_text(encoding="utf-8")


def steps(path: Path) -> list[dict[str, Any]]:
    """The steps of an action."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))["runs"]["steps"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_script_that_a_recipe_runs_is_there(recipe: Path) -> None:
    text = recipe.read_text(encoding="utf-8")
    assert yaml.safe_load(text)
    for up, script in re.findall(r'"\$GITHUB_ACTION_PATH/((?:\.\./)+)([\w.]+)"', text):
        assert (recipe.parent / up / script).is_file()
    for script in re.findall(r"/tmp/storyboard/([\w./]+)", text):
        assert (ROOT / script).is_file()
    for local in re.findall(r"\./\.storyboard/(\S+)", text):
        assert (ROOT / local / "action.yml").is_file()


def test_only_the_purchase_sees_the_key() -> None:
    holders = [
        (path.relative_to(ROOT).as_posix(), step["name"])
        for path in sorted((ROOT / "ci/github").rglob("action.yml"))
        for step in steps(path)
        if "STORYBOARD_API_KEY" in str(step) or "api-key" in str(step)
    ]
    assert holders == [("ci/github/buy/action.yml", "Buy")]
    assert "KEY" not in (ROOT / "storyboard/project/starter/stories.yml").read_text(encoding="utf-8")


def test_no_recipe_pastes_untrusted_input_into_a_script() -> None:
    for path in (ROOT / "ci/github").rglob("action.yml"):
        for step in steps(path):
            assert "${{" not in step.get("run", ""), f"{path}: {step['name']}"


def test_the_workflow_on_the_page_buys_behind_an_environment_and_never_for_a_fork() -> None:
    (text,) = re.findall(r"```yaml\n(name: stories\n.*?)```", PAGE, re.DOTALL)
    jobs = yaml.safe_load(text)["jobs"]
    assert "secrets." not in str(jobs["check"])
    assert jobs["buy"]["environment"] == "buy" and jobs["buy"]["needs"] == "check"
    assert "github.event.pull_request.head.repo.full_name == github.repository" in jobs["buy"]["if"]


def test_hooks_format_and_check_the_stories_of_a_commit(cli: Cli) -> None:
    """By prek, a program that runs the hooks of pre-commit; the hooks' own environment is this one."""
    home = cli.folder / "film"
    home.mkdir()
    hooks = (
        (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8").replace("language: python", "language: system")
    )
    source = cli.folder / "storyboard"
    source.mkdir()
    (source / ".pre-commit-hooks.yaml").write_text(hooks)
    for folder in (source, home):
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "-C", str(source), "add", "-A"], check=True)
    subprocess.run(["git", "-C", str(source), *identity, "commit", "-q", "-m", "Hooks"], check=True)
    (home / "a.story").write_text('story "A"\n  .model kirin_v3_t2v\n\nshot s 5s\n     A moon.\n')
    (home / "b.story").write_text('story "B"\n  .model kirin_v3_t2v\n\nshot s\n  A moon.\n')
    subprocess.run(["git", "-C", str(home), "add", "-A"], check=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["prek", "try-repo", str(source), "--all-files"],
        cwd=home,
        env={**cli.environment, "PATH": path, "PREK_HOME": str(cli.home / "prek")},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert re.search(r"storyboard fmt\.+Failed", said) and "reformatted: a.story" in said, said
    assert re.search(r"storyboard lint\.+Failed", said) and "b.story:4:" in said, said
    assert (home / "a.story").read_text().endswith("\n  A moon.\n")
