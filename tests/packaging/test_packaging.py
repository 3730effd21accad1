"""What is shipped: the wheel's bytes, the bill of materials, the recipes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from storyboard.cli.program import cli
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODULES = {"pillow": "PIL"}
INDIRECT = {"sniffio": "httpcore imports it, and does not always bring it", "watchfiles": "for `--watch`"}
"""Dependencies that storyboard does not import itself, and why they are there."""


def built(source: Path, out: Path, mask: int) -> bytes:
    """The wheel of a checkout, made by someone with this umask."""
    before = os.umask(mask)
    try:
        subprocess.run(
            ["sh", str(source / "packaging" / "build_wheel.sh"), str(out)],
            check=True,
            env={**os.environ, "PYTHON": sys.executable},
            timeout=PATIENCE,
        )
    finally:
        os.umask(before)
    (wheel,) = out.glob("*.whl")
    return wheel.read_bytes()


@pytest.mark.long
def test_the_wheel_of_a_commit_is_the_same_bytes_on_another_machine(tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "other")], check=True)
    for path in (tmp_path / "other").rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    first = built(ROOT, tmp_path / "first", 0o077)
    assert (
        hashlib.sha256(built(tmp_path / "other", tmp_path / "second", 0o022)).digest() == hashlib.sha256(first).digest()
    )


@pytest.mark.long
def test_the_wheel_holds_the_pages_of_docs_without_the_scripts_that_make_them(tmp_path: Path) -> None:
    with ZipFile(BytesIO(built(ROOT, tmp_path, 0o022))) as wheel:
        names = wheel.namelist()
    assert {"storyboard/docs/language.md", "storyboard/cli/main.py", "storyboard/grammar/story.lark"} <= set(names)
    assert not [name for name in names if name.startswith("storyboard/docs/") and name.endswith(".py")]
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"storyboard", "storyboard_dsl"}


def test_bill_of_materials_lists_every_dependency_and_its_gpl_parts() -> None:
    command = [sys.executable, str(ROOT / "packaging" / "sbom.py")]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1"}
    bill = subprocess.run(command, check=True, capture_output=True, env=environment).stdout
    assert subprocess.run(command, check=True, capture_output=True, env=environment).stdout == bill
    document = json.loads(bill)
    assert document["metadata"]["timestamp"] == "1970-01-01T00:00:01Z"
    parts = {part["name"]: part for part in document["components"]}
    assert {re.split(r"[><=]", each)[0] for each in PROJECT["dependencies"]} <= set(parts)
    assert "GPL" in parts["av"]["description"]
    references = {part["bom-ref"] for part in [*parts.values(), document["metadata"]["component"]]}
    for entry in document["dependencies"]:
        assert {entry["ref"], *entry["dependsOn"]} <= references
    assert not {"pytest", "ruff", "mypy"} & set(parts), "what only developers need is not shipped"


def test_the_conda_recipe_needs_what_the_wheel_needs() -> None:
    recipe = yaml.safe_load((ROOT / "packaging/conda/recipe.yaml").read_text(encoding="utf-8"))
    needed = {each.replace(" ", "") for each in recipe["requirements"]["run"]}
    assert needed == {*PROJECT["dependencies"], f"python{PROJECT['requires-python']}"}
    assert recipe["package"] == {"name": PROJECT["name"], "version": PROJECT["version"]}
    (entry,) = recipe["build"]["python"]["entry_points"]
    assert entry == f"storyboard = {PROJECT['scripts']['storyboard']}"


def test_every_dependency_is_imported_by_storyboard() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "storyboard").rglob("*.py"))
    for each in PROJECT["dependencies"]:
        name = re.split(r"[><=]", each)[0]
        if name in INDIRECT:
            continue
        module = MODULES.get(name, name)
        assert re.search(rf"^\s*(?:import|from) {module}\b", source, re.MULTILINE), f"{name} is not used"


def test_container_lists_gpl_parts_and_copies_only_existing_files() -> None:
    text = (ROOT / "packaging/Containerfile").read_text(encoding="utf-8")
    assert "GPL" in text.partition("FROM ")[0]
    assert 'licenses="Apache-2.0 AND GPL-2.0-or-later"' in text
    for name in re.findall(r"/opt/storyboard/source/([\w./]+)", text):
        assert (ROOT / name).is_file()


UNIT = ROOT / "packaging" / "systemd" / "storyboard-worker@.service"
COMPOSE = ROOT / "packaging" / "worker.compose.yaml"


def worker_options(words: list[str]) -> dict[str, object]:
    """What the command understands of a command line; raises for one that it does not take."""
    with cli.make_context("storyboard", ["worker"]) as whole:
        context = import_module("storyboard.cli.worker").command.make_context("worker", list(words), parent=whole)
    return dict(context.params)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="not run: there is no systemd-analyze here")
def test_systemd_accepts_the_unit_of_a_worker(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/storyboard", shutil.which("true") or "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "storyboard-worker@1.service")],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stderr


def test_unit_of_a_worker_gives_each_its_own_store_name_and_port() -> None:
    said = dict(line.split("=", 1) for line in UNIT.read_text().splitlines() if re.match(r"\w+=", line))
    [start] = re.findall(r"^ExecStart=\S+ worker (.*)$", UNIT.read_text(), re.MULTILINE)
    options = worker_options(start.replace("%H", "farm").replace("%i", "1").split())
    assert (options["name"], options["metrics"], options["grace"]) == ("farm-1", ("127.0.0.1", 9461), 60.0)
    assert "STORYBOARD_STORE=/var/lib/storyboard/%i/store" in UNIT.read_text()
    assert said["StateDirectory"] == "storyboard/%i"
    assert int(said["TimeoutStopSec"]) > 60, "the grace of a worker fits into it"
    assert set(said["RestartPreventExitStatus"].split()) == {"2", "5"}


def test_workers_in_containers_have_a_volume_and_a_name_each() -> None:
    document = yaml.safe_load(COMPOSE.read_text())
    stores, names = [], []
    for service in document["services"].values():
        options = worker_options(service["command"][1:])
        names.append(options["name"])
        [volume] = service["volumes"]
        source, target = volume.split(":")
        assert target == "/store" and source in document["volumes"]
        assert int(service["stop_grace_period"].removesuffix("s")) > 60
        stores.append(source)
    assert len(set(stores)) == len(set(names)) == len(document["services"]) > 1
    assert "ENV STORYBOARD_STORE=/store" in (ROOT / "packaging" / "Containerfile").read_text()
