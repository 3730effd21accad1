"""`storyboard view`: the page of the last build, from disk or served to this machine alone."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storyboard.film.sheet_server import served
from tests.support.cli import Cli
from tests.support.waiting import PATIENCE

STORY = 'story "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  A boat.\n'
GENERATOR = '<meta name="generator" content="storyboard">'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "build" / "t#1"
    (place / "clips").mkdir(parents=True)
    (place / "index.html").write_text(GENERATOR)
    (place / "t#1.mp4").write_bytes(bytes(range(256)))
    (place / "clips" / "01-s-1.mp4").write_bytes(b"clip")
    (place / "manifest.json").write_text("{}")
    (place / ".storyboard.lock").write_text("private")
    (tmp_path / "secret.mp4").write_text("secret")
    (place / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    return place


@pytest.fixture
def connection(folder: Path) -> Iterator[http.client.HTTPConnection]:
    with served(folder) as address:
        connected = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=PATIENCE)
        yield connected
        connected.close()


def ask(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer, answer.read()


def test_page_film_and_clips_are_served(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "/")[1].decode() == GENERATOR
    assert ask(connection, "/index.html")[0].headers["Content-Type"] == "text/html; charset=utf-8"
    assert ask(connection, "/t%231.mp4")[1] == bytes(range(256))
    assert ask(connection, "/clips/01-s-1.mp4")[1] == b"clip"


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [
        ("bytes=0-3", 206, bytes(range(4))),
        ("bytes=250-", 206, bytes(range(250, 256))),
        ("bytes=-2", 206, bytes([254, 255])),
        ("bytes=0-999", 200, bytes(range(256))),
        ("bytes=256-", 416, b""),
        ("bytes=9-3", 416, b""),
        ("lines=1-2", 200, bytes(range(256))),
    ],
)
def test_range_requests_are_answered(
    connection: http.client.HTTPConnection, wanted: str, status: int, content: bytes
) -> None:
    answer, body = ask(connection, "/t%231.mp4", Range=wanted)
    assert (answer.status, body) == (status, content)


@pytest.mark.parametrize(
    "path",
    [
        "/manifest.json",
        "/.storyboard.lock",
        "/link.mp4",
        "/../../secret.mp4",
        "/clips/../../../secret.mp4",
        "/%2e%2e/%2e%2e/secret.mp4",
        "/clips%2f..%2f..%2fsecret.mp4",
        "/clips/",
        "//etc/passwd",
        "/nothing.mp4",
        "/a%00.mp4",
    ],
)
def test_nothing_else_is_served(connection: http.client.HTTPConnection, path: str) -> None:
    assert ask(connection, path)[0].status == 404


def test_foreign_host_header_is_refused(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "/", Host="films.example")[0].status == 404


def test_a_changed_page_has_another_tag(connection: http.client.HTTPConnection, folder: Path) -> None:
    before = ask(connection, "/", "HEAD")[0].headers["ETag"]
    assert ask(connection, "/", "HEAD")[0].headers["ETag"] == before
    (folder / "index.html").write_text(GENERATOR + "more")
    assert ask(connection, "/", "HEAD")[0].headers["ETag"] != before


def test_it_opens_the_page_of_the_last_build(cli: Cli) -> None:
    cli.write("t.story", STORY)
    page = cli.write("build/t/index.html", GENERATOR)
    seen = cli.folder / "seen"
    script = cli.write("open.sh", f'#!/bin/sh\necho "$1" > "{seen}"\n')
    script.chmod(0o700)
    done = cli.process("view", env={"BROWSER": f"{script} %s"})
    assert (done.code, done.out.strip()) == (0, page.as_uri())
    assert seen.read_text().strip() == page.as_uri()


def test_a_story_that_was_never_built_has_no_page(cli: Cli) -> None:
    cli.write("t.story", STORY)
    done = cli("view", "--no-browser")
    assert done.code == 3
    assert "there is no contact sheet yet" in done.err
    assert "storyboard build" in done.err


def test_one_of_several_films_must_be_named(cli: Cli) -> None:
    for name in ("a", "b"):
        cli.write(f"{name}.story", STORY)
        cli.write(f"build/{name}/index.html", GENERATOR)
    done = cli("view", "--no-browser")
    assert done.code == 2
    assert "there are 2 films here: a, b" in done.err
    assert cli("view", "b.story", "--no-browser").out.strip().endswith("/build/b/index.html")


def test_a_story_that_has_an_error_now_can_still_be_viewed(cli: Cli) -> None:
    cli.write("t.story", STORY + "shot broken\n")
    cli.write("build/t/index.html", GENERATOR)
    assert cli("view", "--no-browser").code == 0


def test_it_serves_until_it_is_interrupted(cli: Cli) -> None:
    cli.write("t.story", STORY)
    cli.write("build/t/index.html", GENERATOR)
    command = [sys.executable, "-m", "storyboard", "view", "--serve", "--no-browser"]
    with subprocess.Popen(command, cwd=cli.folder, env=cli.environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        connected = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=PATIENCE)
        assert ask(connected, "/")[1].decode() == GENERATOR
        connected.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
