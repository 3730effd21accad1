"""`key`: the gateway's key in the system's keyring, and in nothing else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import keyring
import pytest
from keyring.backends.fail import Keyring as Nothing

from storyboard.providers.kirin.gateway import BUILTIN_BASE_URL
from tests.cli.test_buying import YES
from tests.support.cli import Cli
from tests.support.keyrings import Asked, Locked, Memory
from tests.support.shop import KEY, Shop

ROOT = Path(__file__).parents[2]
HOST = urlsplit(BUILTIN_BASE_URL).hostname


@pytest.fixture(autouse=True)
def kept() -> Iterator[dict[tuple[str, str], str]]:
    """What the keyring has."""
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory.kept
    keyring.set_keyring(before)


def test_key_is_stored_per_host_and_never_shown(cli: Cli, kept: dict[tuple[str, str], str]) -> None:
    done = cli("key", "set", stdin=f"{KEY}\n")
    assert done.code == 0, done.err
    assert kept == {("storyboard", HOST): KEY}
    assert done.out == f"✓ the key for {HOST} is stored in the system keyring\n" and KEY not in done.out + done.err
    assert not [file for file in cli.home.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]


def test_stored_key_is_used_if_the_environment_has_none(shop: Shop) -> None:
    shop.key = ""
    assert shop("build", YES).code == 5
    assert shop.cli("key", "set", "--base-url", shop.gateway.url, stdin=KEY).code == 0
    assert shop("build", YES).code == 0
    shop.key = KEY
    assert shop.paid > 0


def test_keyring_is_only_asked_where_the_key_matters(shop: Shop) -> None:
    asked = Asked()
    keyring.set_keyring(asked)
    shop.key = ""
    assert shop("plan").code == 0
    assert asked.times == 0, "nothing was bought yet, so the plan is the same for every key"
    assert shop.cli("key", "set", "--base-url", shop.gateway.url, stdin=KEY).code == 0
    assert shop("build", YES).code == 0
    asked.times = 0
    assert shop("plan").code == 0
    assert asked.times == 0, "every clip is in the store"
    for clip in (file for file in shop.cli.home.rglob("*.mp4") if "clips" in file.parts):
        clip.unlink()
    planned = shop("plan")
    assert planned.code == 0 and "not been downloaded" in planned.out
    assert asked.times > 0, "who bought them decides whether they can be fetched"


def test_environment_overrides_the_stored_key(shop: Shop) -> None:
    done = shop.cli("key", "set", stdin="sk-kept\n", env=shop.env)
    assert done.code == 0 and "STORYBOARD_API_KEY is set and is used instead" in done.err
    assert shop("build", YES).code == 0
    assert shop.paid > 0, "it was bought with the environment's"


def test_stored_key_can_be_removed(cli: Cli, kept: dict[tuple[str, str], str]) -> None:
    cli("key", "set", "--base-url", "https://one.test/api", stdin="sk-one")
    cli("key", "set", "--base-url", "https://two.test", stdin="sk-two")
    assert cli("key", "forget", "--base-url", "https://one.test").out == "✓ the key for one.test is removed\n"
    assert kept == {("storyboard", "two.test"): "sk-two"}
    again = cli("key", "forget", "--base-url", "https://one.test")
    assert (again.code, again.out) == (0, "no key is stored for one.test\n")


@pytest.mark.parametrize("typed", ["", "\n", "  \n", "two words\n", "clé\n", "sk-\x1b[31m\n"])
def test_text_that_cannot_be_a_key_is_not_stored(cli: Cli, kept: dict[tuple[str, str], str], typed: str) -> None:
    done = cli("key", "set", stdin=typed)
    assert done.code == 2 and "key" in done.err and not kept


def test_a_key_on_the_command_line_is_wrong_use(cli: Cli, kept: dict[tuple[str, str], str]) -> None:
    assert cli("key", "set", KEY).code == 2
    assert not kept


def test_without_a_keyring_the_message_says_what_to_do(cli: Cli) -> None:
    keyring.set_keyring(Nothing())  # type: ignore[no-untyped-call]
    for arguments in (["set"], ["forget"]):
        done = cli("key", *arguments, stdin=KEY)
        assert done.code == 5 and "no keyring" in done.err and "STORYBOARD_API_KEY" in done.err


def test_locked_keyring_is_reported_and_gives_no_key(shop: Shop) -> None:
    keyring.set_keyring(Locked())
    done = shop.cli("key", "set", stdin=KEY)
    assert done.code == 5 and "did not unlock" in done.err
    shop.key = ""
    done = shop("build", YES)
    assert "No API key" in done.out and "No API key" not in done.err


def test_without_the_extra_it_says_what_to_install(cli: Cli) -> None:
    program = (
        "import sys; sys.modules['keyring'] = None; "
        "from storyboard.cli.main import run; sys.exit(run(['key', 'forget']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=cli.folder, env=cli.environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"'.[keyring]'" in done.stderr and b"STORYBOARD_API_KEY" in done.stderr


def test_typed_key_is_not_shown(cli: Cli) -> None:
    ours, theirs = pty.openpty()
    backend = {"PYTHON_KEYRING_BACKEND": "tests.support.keyrings.Memory", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "storyboard", "key", "set"],
        cwd=cli.folder,
        env=cli.environment | backend,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        seen = b""
        while b"API key for" not in seen:
            seen += os.read(ours, 1024)
        os.write(ours, f"{KEY}\n".encode())
        while b"is stored" not in seen:
            seen += os.read(ours, 1024)
    os.close(ours)
    assert process.returncode == 0 and KEY.encode() not in seen
