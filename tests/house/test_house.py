"""The machine keeps the house: one run of the tests proves all of this too."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy"],
        [
            "mypy",
            "-p",
            "storyboard",
            "--platform",
            "win32",
            "--no-warn-unreachable",
            "--cache-dir",
            ".mypy_cache/win32",
        ],
        ["lint-imports", "--no-cache"],
    ],
    ids=" ".join,
)
def test_checks_pass(command: list[str]) -> None:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_tests_are_type_checked() -> None:
    """A wrong type passed by a test can go unnoticed until two threads meet the other way round."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert {"storyboard", "tests"} <= set(settings["packages"]) and settings["strict"]
    loose = [each for each in settings["overrides"] if set(each) != {"module", "ignore_missing_imports"}]
    assert not loose, "an override may only say that a library has no types"


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_ci_runs_the_command_that_the_readme_gives() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]
    assert "pytest" in command
    assert command in readme


def test_versions_are_pinned_without_an_address() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    names = {line.split("==")[0].lower() for line in pins.splitlines()}
    assert "://" not in pins
    assert "--" not in pins
    for requirement in requires("storyboard-dsl") or []:
        name = re.split(r"[\s<>=!;\[(]", requirement, maxsplit=1)[0].lower().replace("_", "-")
        assert name in names | {"storyboard-dsl"}, f"{name} is not pinned"


def test_dependencies_have_free_licences() -> None:
    free = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|HPND|Unlicense|Zlib", re.IGNORECASE)
    for requirement in requires("storyboard-dsl") or []:
        if "extra ==" in requirement:
            continue
        name = re.split(r"[\s<>=!;\[(]", requirement, maxsplit=1)[0]
        about = distribution(name).metadata
        said = [text for name in ("License-Expression", "License", "Classifier") for text in about.get_all(name) or []]
        licence = " ".join(text for text in said if not text.startswith(("Programming", "Topic", "Operating")))
        assert free.search(licence), f"{name}: {licence[:200]}"


def test_every_file_the_program_reads_is_packaged() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = {
        name.replace("storyboard.grammar", "grammar"): globs for name, globs in settings["package-data"].items()
    }
    packages = {name.replace("storyboard.grammar", "grammar") for name in settings["packages"]}
    for path in tracked():
        if path.relative_to(ROOT).parts[0] in {"storyboard", "grammar"} and path.is_file():
            package = ".".join(path.relative_to(ROOT).parts[:-1])
            assert package in packages, path
            assert path.suffix == ".py" or any(path.match(glob) for glob in patterns.get(package, [])), path


def test_no_page_suggests_installing_a_package_of_somebody_else() -> None:
    for path in tracked():
        if path.suffix in {".md", ".yml", ".toml", ".txt"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"pip install (?:-\S+ )*storyboard(?!-dsl|[\w/.])", text), path


def test_nothing_tracked_names_this_machine_or_holds_a_key() -> None:
    secret = re.compile(r"(?:sk|ghp|xox[bp])[-_][A-Za-z0-9]{20,}|/root/|/work/(?:wt|main|shared)")
    for path in tracked():
        if path.is_file() and path != Path(__file__):
            assert not secret.search(path.read_bytes().decode("utf-8", "replace")), path
