"""Whatever a command opens is among what its memory rests on: else an answer could be said again that is wrong."""

from __future__ import annotations

import json
import marshal
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storyboard.cli.replay import is_foreign
from tests.cli.test_replay import LIBRARY, STORY
from tests.support.cli import SMALL_ANIMATIC, Cli

WATCHED = """
import json, os, sys
opened = []
def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], (str, bytes)):
        opened.append(os.path.realpath(os.fsdecode(arguments[0])))
    elif event == "sqlite3.connect" and arguments[0] != ":memory:":
        opened.append(os.path.realpath(arguments[0]))
sys.addaudithook(watch)
from storyboard.cli import main
sys.argv[:] = ["storyboard", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(opened), file=sys.__stderr__)
"""
WATCHED_VARIABLES = """
import json, os, sys
asked, all_of_them = set(), dict(os.environ)
class Watched(type(os.environ)):
    def __getitem__(self, name):
        asked.add(name)
        return super().__getitem__(name)
    def items(self):
        return all_of_them.items()
os.environ.__class__ = Watched
from storyboard.cli import main
from storyboard.files import transcript
sys.argv[:] = ["storyboard", *sys.argv[1:]]
try:
    main()
finally:
    run = transcript.current_run()
    print(json.dumps([sorted(asked), sorted(run.variables)]), file=sys.__stderr__)
"""
OUR_OWN = (".cache/", "store/claims", "store/scratch", "store/damaged")
"""Where nothing lies that a command only reads."""


def opened(cli: Cli, *arguments: str) -> set[Path]:
    """Every file and folder of the person's that a command opens."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = map(Path, json.loads(done.stderr.splitlines()[-1]))
    ours = (cli.folder.resolve(), cli.home.resolve())
    kept = {entry.name for entry in (cli.home / ".cache" / "storyboard").iterdir()}
    return {path for path in paths if path.name not in kept and any(path.is_relative_to(place) for place in ours)}


def rested_on(cli: Cli) -> set[Path]:
    """Every path that the whole answer of the last command rests on."""
    from storyboard.files.cache import _MAGIC

    for entry in (cli.home / ".cache" / "storyboard").iterdir():
        _, question, answer = marshal.loads(entry.read_bytes()[len(_MAGIC) + 32 :])
        if isinstance(question[0], tuple):  # what a command said; the others are results that are kept in between
            stamps, there, empty, sealed, _ = answer[1]
            below = {Path(folder, name) for folder, names, _ in (*stamps, *sealed) for name in names}
            return {Path(path).resolve() for path, _ in there} | set(map(Path, empty)) | below
    raise AssertionError("nothing was remembered")


@pytest.mark.parametrize("command", ["lint", "plan", "plan --provider animatic", "build", "build --json"])
def test_every_opened_file_is_recorded_for_the_cache(cli: Cli, command: str) -> None:
    cli.write("storyboard.toml", SMALL_ANIMATIC)
    cli.write("house.story", LIBRARY)
    cli.write("a.story", STORY)
    cli.write(".gitignore", "other\n")
    cli.write("cards/readme.txt", "")
    (cli.home / "config" / "storyboard").mkdir(parents=True)
    (cli.home / "config" / "storyboard" / "config.toml").write_text("")
    cli.process("build")
    shutil.rmtree(cli.home / ".cache", ignore_errors=True)
    seen = opened(cli, *command.split())
    known = rested_on(cli)
    strange = {
        path
        for path in seen - known
        if not any(part in path.as_posix() for part in OUR_OWN)
        and not path.name.startswith(("ledger.sqlite3-", "__editable__"))
    }
    inodes = {path.stat().st_ino for path in known if path.exists()}
    strange = {path for path in strange if path.exists() or path.parent not in known}  # a new file shows in its folder
    assert {path for path in strange if not path.exists() or path.stat().st_ino not in inodes} == set()
    assert any(path.name == "house.story" for path in seen)


@pytest.mark.parametrize("command", ["lint", "plan", "build --yes"])
def test_every_variable_read_is_recorded_for_the_cache(cli: Cli, command: str) -> None:
    cli.write("storyboard.toml", SMALL_ANIMATIC)
    cli.write("house.story", LIBRARY)
    cli.write("a.story", STORY)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED_VARIABLES, *command.split()],
        cwd=cli.folder,
        env=cli.environment | {"STORYBOARD_PROVIDER": "animatic"},
        capture_output=True,
        text=True,
        check=True,
    )
    asked, recorded = json.loads(done.stderr.splitlines()[-1])
    assert "STORYBOARD_PROVIDER" in recorded
    strange = {name for name in asked if name not in recorded and not is_foreign(name)}
    assert {name for name in strange if not name.startswith("PILLOW_")} == set()  # how Pillow uses the memory
