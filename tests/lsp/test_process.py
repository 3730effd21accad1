"""The process of the server: how it ends, and what it leaves in an editor's log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.support.cli import Cli

STORY = 'edition 1\n\nstory "Night"\n  .model kirin_v3_t2v\n\nshot a 5s\n  Rain.\n'


def messages(cli: Cli, *more: Mapping[str, object]) -> bytes:
    """What an editor sends that opens a story."""
    uri = (cli.folder / "night.story").as_uri()
    opened = {"uri": uri, "languageId": "story", "version": 1, "text": STORY}
    start: Mapping[str, object] = {"processId": None, "rootUri": cli.folder.as_uri(), "capabilities": {}}
    sent: list[Mapping[str, object]] = [
        {"id": 1, "method": "initialize", "params": start},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": opened}},
        *more,
    ]
    bodies = [json.dumps({"jsonrpc": "2.0", **each}).encode() for each in sent]
    return b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)


def serve(cli: Cli, sent: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "storyboard", "lsp", "--stdio"]
    return subprocess.run(
        command, cwd=cli.folder, env=cli.environment, input=sent, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize("leaving", [[{"id": 2, "method": "shutdown"}, {"method": "exit"}], []])
def test_server_ends_without_a_word_when_the_editor_does(cli: Cli, leaving: list[Mapping[str, object]]) -> None:
    done = serve(cli, messages(cli, *leaving))
    assert (done.returncode, done.stderr) == (0, b"")


def test_refused_renaming_is_an_answer_and_nothing_in_the_log(cli: Cli) -> None:
    named = {"uri": (cli.folder / "night.story").as_uri()}
    renaming = {"textDocument": named, "position": {"line": 5, "character": 5}, "newName": "two words"}
    done = serve(
        cli,
        messages(
            cli,
            {"id": 2, "method": "textDocument/rename", "params": renaming},
            {"id": 3, "method": "shutdown"},
            {"method": "exit"},
        ),
    )
    assert b"a name is one word" in done.stdout
    assert (done.returncode, done.stderr) == (0, b"")
