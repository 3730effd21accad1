"""What is asked on a terminal, and what Ctrl-C does: real processes on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import FileIO

import pytest

from tests.support.shop import SETTINGS, TOGETHER, Shop
from tests.support.waiting import PATIENCE, until

OWN_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "storyboard", *sys.argv[1:]])
"""


@dataclass
class Session:
    """A command in a terminal: what it says so far, and somebody who types."""

    process: subprocess.Popen[bytes]
    terminal: FileIO
    seen: str = ""
    _raw: bytes = field(default=b"")

    def expect(self, pattern: str) -> re.Match[str]:
        """Reads until it says that."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.seen)):
            assert time.monotonic() < deadline, self.seen
            if not self._read():
                break
        found = re.search(pattern, self.seen)
        assert found, self.seen
        return found

    def type(self, text: str) -> None:
        """On the keyboard."""
        self.terminal.write(text.encode())

    def end(self) -> int:
        """Its exit code, when it has ended."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        try:
            piece = self.terminal.read(65536)
        except OSError:
            return False
        self._raw += piece or b""
        self.seen = self._raw.decode(errors="replace")
        return bool(piece)


@contextmanager
def session(shop: Shop, *arguments: str) -> Iterator[Session]:
    """The command in a terminal of its own, so that Ctrl-C is a signal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_TERMINAL, *arguments],
        cwd=shop.cli.folder,
        env={**shop.cli.environment, **shop.env, "COLUMNS": "160"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    with FileIO(ours, "r+") as terminal:
        try:
            yield Session(process, terminal)
        finally:
            process.kill()
            process.wait()


def test_terminal_is_asked_with_the_price_and_yes_buys(shop: Shop) -> None:
    with session(shop, "build") as person:
        person.expect(r"Buy 2 jobs, 10 s, up to about \$0\.84, from a simulated gateway at 127\.0\.0\.1\? \[y/N\]")
        assert shop.posts == 0, "money is said before it is spent"
        person.type("y\n")
        assert person.end() == 0
        assert "paid $0.84" in person.seen
    assert shop.paid == TOGETHER


def test_the_question_says_which_jobs_with_their_takes_and_every_warning_in_full(shop: Shop) -> None:
    shop.edit("  .model kirin_v3_t2v\n", "  .model kirin_v3_t2v\n  .budget 0.60 USD\n")
    with session(shop, "build") as person:
        person.expect(r"\[y/N\]")
        assert re.search(r"street#1 +take 1 +6 s +\$0\.50\s+street\.wide, street\.walk: new", person.seen), person.seen
        assert re.search(r"river#1 +take 1 +4 s +\$0\.34\s+river\.boats: new", person.seen), person.seen
        assert "is kept" not in person.seen
        assert re.search(r"warning\[SB401\].*\s+┌─ lanterns\.story:3", person.seen), person.seen
        person.type("n\n")
        assert person.end() == 4


def test_the_question_about_another_take_says_which_one_is_kept_and_no_leaves_all_as_it_was(shop: Shop) -> None:
    shop.build("--yes")
    posts, files = shop.posts, whole_project(shop)
    with session(shop, "reroll", "river#1") as person:
        person.expect(r"Buy 1 job, 4 s, up to about \$0\.34, from a simulated gateway at 127\.0\.0\.1\? \[y/N\]")
        assert re.search(r"river#1 +take 2 +4 s +\$0\.34\s+river\.boats: new take: 2\s+take 1 is kept", person.seen)
        person.type("n\n")
        assert person.end() == 4
        assert "nothing was changed" in person.seen
    assert shop.posts == posts
    assert whole_project(shop) == files
    with session(shop, "reroll", "river#1") as person:
        person.expect(r"\[y/N\]")
        person.type("y\n")
        assert person.end() == 0
    assert shop.posts == posts + 1
    with session(shop, "reroll", "river#1") as person:
        person.expect(r"takes 1, 2 are kept(?s:.)*\[y/N\]")
        person.type("n\n")
        assert person.end() == 4


def test_the_question_lists_five_jobs_and_counts_the_others(shop: Shop) -> None:
    scenes = "".join(f"scene s{number}\nshot a 5s\n  Boat {number}.\n\n" for number in range(8))
    shop.cli.write("lanterns.story", f'story "L"\n  .model kirin_v3_t2v\n\n{scenes}')
    with session(shop, "build") as person:
        person.expect(r"Buy 8 jobs, 40 s, up to about \$3\.36, from")
        assert re.findall(r"(s\d)#1 ", person.seen) == ["s0", "s1", "s2", "s3", "s4"]
        assert "and 3 more jobs: storyboard plan lists them" in person.seen
        person.type("n\n")
        assert person.end() == 4


def test_the_question_names_the_variant_and_its_values(shop: Shop) -> None:
    shop.edit("  .model kirin_v3_t2v\n", '  .model kirin_v3_t2v\n\nparam what = "boats"\n')
    shop.edit("Paper boats", "Paper {{ what }}")
    with session(shop, "build", "--set", "what=lamps", "--as", "lamps") as person:
        person.expect(r"variant lamps: what=lamps\s+Buy ")
        person.type("n\n")
        assert person.end() == 4
    with session(shop, "build", "--set", "what=cups") as person:
        person.expect(r"with what=cups\s+Buy ")
        person.type("n\n")
        assert person.end() == 4


def test_the_question_names_the_host_of_a_gateway_that_is_not_this_machine(shop: Shop) -> None:
    shop.environment["STORYBOARD_BASE_URL"] = "https://films.example"
    with session(shop, "build") as person:
        person.expect(r"up to about \$0\.84, from films\.example\? \[y/N\]")
        person.type("n\n")
        assert person.end() == 4


def whole_project(shop: Shop) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in shop.cli.folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("answer", ["n\n", "\n", "maybe\n", "\x04"])
def test_any_answer_but_yes_is_no(shop: Shop, answer: str) -> None:
    with session(shop, "build") as person:
        person.expect(r"\[y/N\]")
        person.type(answer)
        assert person.end() == 4
    assert shop.posts == 0 and shop.paid == 0


def test_nothing_is_asked_if_nothing_has_to_be_bought(shop: Shop) -> None:
    shop.build("--yes")
    with session(shop, "build") as person:
        assert person.end() == 0
        assert "Buy" not in person.seen


@pytest.mark.parametrize("argument", ["--yes", "--max-cost=2"])
def test_permission_on_the_command_line_answers_the_question(shop: Shop, argument: str) -> None:
    with session(shop, "build", argument) as person:
        assert person.end() == 0
        assert "Buy" not in person.seen
    assert shop.paid == TOGETHER


def test_without_a_key_the_question_is_not_even_asked(shop: Shop) -> None:
    shop.key = ""
    with session(shop, "build") as person:
        assert person.end() == 5
        assert "Buy" not in person.seen and "No API key" in person.seen


def test_gateway_of_a_project_is_asked_about_once(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}base_url = "{shop.gateway.url}"\n')
    shop.environment["STORYBOARD_BASE_URL"] = ""
    with session(shop, "build") as person:
        person.expect(rf"{shop.gateway.url}.*Send your API key there\? \[y/N\]")
        person.type("n\n")
        assert person.end() == 5
    assert shop.requests == 0
    with session(shop, "build", "--yes") as person:
        person.expect(r"Send your API key there\? \[y/N\]")
        person.type("y\n")
        assert person.end() == 0
    assert shop.paid == TOGETHER
    shop.edit("boats", "junks")
    assert shop("build", "--yes").code == 0, "it was agreed to, once for all"


def test_consent_covers_one_address_in_one_project(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}base_url = "{shop.gateway.url}"\n')
    shop.environment["STORYBOARD_BASE_URL"] = ""
    with session(shop, "build", "--yes") as person:
        person.expect(r"Send your API key there\?")
        person.type("y\n")
        assert person.end() == 0
    shop.cli.write("storyboard.toml", f'{SETTINGS}base_url = "{shop.gateway.url}/other"\n')
    shop.edit("boats", "junks")
    assert shop("build", "--yes").code == 5


def test_the_first_ctrl_c_stops_the_buying_and_fetches_what_runs(shop: Shop) -> None:
    shop.behave(take=600.0)
    with session(shop, "build", "--yes", "--concurrency", "1") as person:
        person.expect("rendering")
        person.type("\x03")
        person.expect("still rendering")
        shop.gateway.jump(600)
        assert person.end() == 130
    assert shop.posts == 1
    assert [block["state"] for block in shop.lock] == ["done"]
    assert shop.planned() == {"street#1": "cached", "river#1": "buy"}


def test_second_ctrl_c_ends_at_once_and_says_what_is_still_running(shop: Shop) -> None:
    shop.behave(take=600.0)
    with session(shop, "build", "--yes") as person:
        until(lambda: [block["state"] for block in shop.lock] == ["submitted"] * 2)
        person.type("\x03")
        person.expect("Ctrl-C again")
        person.type("\x03")
        assert person.end() == 130
        assert "2 jobs are still rendering remotely and stay yours" in person.seen
        assert "The same command" in person.seen or "the same command" in person.seen
    shop.gateway.jump(600)
    assert set(shop.states("--yes").values()) == {"built"}
    assert shop.paid == TOGETHER


def test_termination_signal_acts_like_ctrl_c(shop: Shop) -> None:
    shop.behave(take=2.5)
    with session(shop, "build", "--yes", "--concurrency", "1") as person:
        person.expect("rendering")
        person.process.send_signal(signal.SIGTERM)
        assert person.end() == 130
    assert shop.posts == 1
