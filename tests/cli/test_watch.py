"""`--watch`: one line for each change of a file in use, and nothing is ever bought."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storyboard.files.transcript import Transcript, recording
from storyboard.files.watching import UsedFiles
from storyboard.project import Run
from tests.support.cli import Cli
from tests.support.shop import Shop
from tests.support.waiting import PATIENCE

GOOD = 'story "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  A boat.\n'
IMPORTING = 'story "T"\n  .model kirin_v3_t2v\n\nimport "house.story"\n\nshot s 3s\n  {{ clean }} boat.\n'


class Watching:
    """A command that watches, and what it says line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def line(self, words: str) -> str:
        """The next line that holds some words."""
        while True:
            line = self._lines.get(timeout=PATIENCE)
            if words in line:
                return line

    def silence(self, seconds: float) -> None:
        """Nothing is said for a while."""
        time.sleep(seconds)
        assert self._lines.empty(), self._lines.get()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


def save(cli: Cli, name: str, text: str) -> None:
    """Save a file as a whole: who watches sees the old text or the new one, and no empty file in between."""
    cli.write(f"{name}.new", text).replace(cli.folder / name)


@contextmanager
def watching(cli: Cli, *arguments: str, **environment: str) -> Iterator[Watching]:
    with subprocess.Popen(
        [sys.executable, "-m", "storyboard", *arguments, "--watch"],
        cwd=cli.folder,
        env={**cli.environment, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Watching(process)
        finally:
            process.kill()


def test_lint_reports_each_change_and_ends_with_ctrl_c(cli: Cli) -> None:
    cli.write("a.story", GOOD)
    with watching(cli, "lint") as run:
        run.line("no problems found in 1 file")
        run.line("watching")
        save(cli, "a.story", GOOD.replace("shot", "shto"))
        run.line("error[SB003]")
        assert "a.story  1 error in 1 file" in run.line("1 error in 1 file")
        cli.write("notes.txt", "nothing that is used")
        run.silence(1.2)
        save(cli, "a.story", GOOD)
        run.line("no problems found")
        save(cli, "b.story", GOOD)
        assert "b.story  no problems found in 2 files" in run.line("in 2 files")
        assert run.stop() == 0


def test_a_file_that_was_missing_is_waited_for(cli: Cli) -> None:
    cli.write("a.story", IMPORTING)
    with watching(cli, "lint", "a.story") as run:
        run.line("error[SB030]")
        run.line("watching")
        save(cli, "house.story", "let clean = a clean\n")
        assert "house.story" in run.line("no problems found")
        save(cli, "storyboard.toml", "concurency = 3\n")
        run.line("there is no setting `concurency`")
        save(cli, "storyboard.toml", "concurrency = 3\n")
        run.line("no problems found")


def test_watching_build_renders_again_and_never_buys(shop: Shop) -> None:
    cli = shop.cli
    cli.write("a.story", GOOD)
    with watching(
        cli, "build", "a.story", "--provider", "kirin", "--yes", "--max-cost", "100", "--store", "clips", **shop.env
    ) as run:
        run.line("buys nothing")
        run.line("s of film")
        film = cli.folder / "build" / "a" / "a.mp4"
        before = film.stat().st_mtime_ns
        run.line("watching")
        run.silence(1.2)
        save(cli, "a.story", GOOD.replace("shot", "shto"))
        run.line("1 error")
        save(cli, "a.story", GOOD.replace("boat", "lamp"))
        assert "a.story  build/a/a.mp4  3 s of film" in run.line("s of film")
        assert film.stat().st_mtime_ns > before
        run.silence(1.5)
    assert shop.requests == 0
    assert not (cli.folder / "a.story.lock").exists()


def test_options_that_conflict_with_watch_are_refused(cli: Cli) -> None:
    cli.write("a.story", GOOD)
    for arguments in (
        ("lint", "--json"),
        ("lint", "--fix"),
        ("lint", "-"),
        ("build", "--json"),
        ("build", "--dry-run"),
    ):
        done = cli(*arguments, "--watch", stdin=GOOD)
        assert (done.code, done.out) == (2, ""), arguments
        assert "--watch cannot be combined with" in done.err


def test_output_folder_is_not_watched(cli: Cli, tmp_path: Path) -> None:
    cli.write("storyboard.toml", "")
    cli.write("a.story", IMPORTING)
    out = cli.write("build/a/film.json", "{}")
    depends = Transcript()
    back = Path.cwd()
    os.chdir(cli.folder)
    try:
        with recording(depends):
            run = Run(["a.story"])
            checked = run.lint()
            for each in (run.search, *(file.depends for file in checked.files)):
                depends.include(each)
            depends.add_stamp(str(out), None)
        used = UsedFiles(depends, [cli.folder / "build" / "a"])
    finally:
        os.chdir(back)
    assert used.changed() == []
    house = cli.write("house.story", "let clean = a clean\n")
    assert used.changed() == [house]


def test_story_created_at_the_end_of_a_run_is_seen(cli: Cli) -> None:
    cli.write("storyboard.toml", "")
    cli.write("a.story", GOOD)
    depends = Transcript()
    back = Path.cwd()
    os.chdir(cli.folder)
    try:
        with recording(depends):
            run = Run(["."])
            depends.include(run.search)
            for file in run.lint().files:
                depends.include(file.depends)
            depends.include(run.search)
    finally:
        os.chdir(back)
    new = cli.write("b.story", GOOD)
    assert UsedFiles(depends, ()).changed() == [new]
