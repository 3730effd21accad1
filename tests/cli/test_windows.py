"""The commands on Windows, as far as they can be tried without one: in a process from which everything that only POSIX
has was taken away, and in which no open file can be renamed or removed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.cli import Cli, Done
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
STORY = """\
story "A"
  .model kirin_v3_t2v

shot a 3s
  A lamp.
"""

PROGRAM = """
import contextlib, io, json, os, sys
sys.path.insert(0, sys.argv[1])
import tests.support.as_windows
from storyboard.cli.main import run

for line in sys.stdin.read().splitlines():
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(json.loads(line))
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""

SIMULATOR = """
import sys
sys.path.insert(0, sys.argv[1])
import tests.support.as_windows
from storyboard.cli.main import run

sys.exit(run(["simulate", "--port", "0", "--quiet"]))
"""


def on_windows(cli: Cli, *commands: str, **environment: str) -> list[Done]:
    """How each of these commands ends, one after the other in one process."""
    asked = "".join(f"{json.dumps(command.split())}\n" for command in commands)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ROOT)],
        input=asked,
        cwd=cli.folder,
        env={**cli.environment, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Done(*json.loads(line)) for line in done.stdout.splitlines()]


def test_a_film_is_written_checked_built_and_exported(cli: Cli) -> None:
    commands = (
        "new lantern",
        "lint lantern",
        "fmt --check lantern",
        "explain SB203",
        "explain language --short",
        "schema plan",
        "models",
        "compile lantern",
        "plan lantern --json",
        "build lantern",
        "build lantern --out elsewhere",
        "build lantern",
        "export all lantern/lantern.story",
        "doctor --json",
    )
    done = on_windows(cli, *commands)
    assert [each.code for each in done] == [0] * len(commands), done
    build = cli.folder / "lantern" / "build" / "lantern"
    assert (build / "lantern.mp4").is_file()
    assert not [path.name for path in build.rglob("*") if path.name.startswith(".storyboard")]
    locks = next(check for check in done[-1].json["checks"] if check["name"] == "locks")
    assert locks["state"] == "ok", locks


STARTING = """
import subprocess, sys
sys.path.insert(0, sys.argv[1])
import tests.support.as_windows

sys.exit(subprocess.run([sys.executable, "-m", "storyboard", *sys.argv[2:]]).returncode)
"""


def test_a_storyboard_that_a_test_starts_looks_like_windows_too(cli: Cli) -> None:
    cli.write("a.story", STORY)
    command = [sys.executable, "-c", STARTING, str(ROOT), "build", "a.story", "--provider", "kirin", "--yes"]
    done = subprocess.run(
        command, cwd=cli.folder, env=cli.environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: nothing is bought on Windows itself yet")


PORTED = (
    [
        "cards",
        "cases",
        "diagnostics",
        "files",
        "importing",
        "jobs",
        "lsp",
        "media",
        "plan",
        "project",
        "report",
        "store",
        "story",
        "syntax",
    ],
    ["cli"],
    ["film"],
    ["simulator", "providers"],
)
"""The folders of tests about what works on Windows; a test of what does not is marked `posix`."""


def run_tests_as_on_windows(*paths: str) -> None:
    """Run tests in a process that looks like Windows. Raises AssertionError where one fails."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.as_windows", "-p", "no:cacheprovider", *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr


def test_files_are_written_and_stories_formatted_as_elsewhere() -> None:
    run_tests_as_on_windows("tests/files/test_writing.py", "tests/files/test_disk.py", "tests/cli/test_stages.py")


@pytest.mark.long
@pytest.mark.parametrize("rooms", PORTED, ids=" ".join)
def test_the_own_tests_of_everything_that_is_ported_pass(rooms: list[str]) -> None:
    run_tests_as_on_windows(*(f"tests/{room}" for room in rooms))


def test_the_simulator_serves_until_ctrl_c(cli: Cli) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SIMULATOR, str(ROOT)],
        cwd=cli.folder,
        env=cli.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        said = httpx.get(f"{url}/model/v1/generation/none", headers={"Authorization": "Bearer mine"}, timeout=PATIENCE)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said.status_code, err) == (0, 404, "")


def test_a_changed_shot_replaces_its_clip_and_the_film(cli: Cli) -> None:
    story = cli.write("a.story", STORY)
    [first] = on_windows(cli, "build a.story")
    film = (cli.folder / "build" / "a" / "a.mp4").read_bytes()
    story.write_text(story.read_text().replace("A lamp", "Two lamps"))
    [second] = on_windows(cli, "build a.story")
    assert (first.code, second.code) == (0, 0), (first, second)
    assert (cli.folder / "build" / "a" / "a.mp4").read_bytes() != film


def test_nothing_is_bought_on_windows_and_the_message_says_where(cli: Cli) -> None:
    cli.write("a.story", STORY)
    build, plan = on_windows(cli, "build a.story --provider kirin --yes", "plan a.story --provider kirin")
    assert (build.code, build.out) == (2, "")
    assert build.err.splitlines() == [
        "error: nothing is bought on Windows itself yet, and kirin renders for money",
        "  help: for the free film: --provider animatic; to buy, run the same command in WSL",
    ]
    assert plan.code == 0


def test_doctor_says_where_fonts_come_from_on_windows(cli: Cli) -> None:
    [done] = on_windows(cli, "doctor --json", SYSTEMROOT=str(cli.folder))
    [fonts] = [check for check in done.json["checks"] if check["name"] == "fonts"]
    assert fonts["text"].startswith("no font for Latin, ")
    assert fonts["way_out"] == "add the language in Settings > Time & language, which brings its fonts"


def test_names_that_windows_changes_are_refused_there(cli: Cli) -> None:
    colon, question = on_windows(cli, "new a:b", "new what?")
    assert (colon.code, question.code) == (2, 2), (colon, question)
    assert colon.err.startswith("error: a project cannot be named `a:b`: on Windows no name holds `:`")


@pytest.mark.parametrize("name", ["con", "nul.", "aux.story", "end ", "COM1", "Lpt9.films"])
def test_project_names_are_valid_on_windows(cli: Cli, name: str) -> None:
    done = cli("new", name)
    assert done.code == 2, done
    assert not list(cli.folder.iterdir())
