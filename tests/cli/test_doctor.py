"""`doctor` looks at the machine: one line each, without showing the key or sending anything."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from storyboard.files.lock import locks_hold
from tests.support.cli import Cli
from tests.support.shop import Shop


def states(cli: Cli, *arguments: str, env: dict[str, str] | None = None) -> dict[str, tuple[str, str]]:
    done = cli("doctor", "--json", *arguments, env=env)
    return {check["name"]: (check["state"], check["text"]) for check in done.json["checks"]}


def test_each_check_is_one_line(cli: Cli) -> None:
    done = cli("doctor")
    names = [line.split()[1] for line in done.out.splitlines()]
    for name in (
        "storyboard",
        "command",
        "python",
        "project",
        "store",
        "disk",
        "locks",
        "fonts",
        "key",
        "proxy",
        "clock",
        "gateway",
    ):
        assert names.count(name) == 1, name


def test_a_key_is_never_shown(cli: Cli) -> None:
    assert states(cli)["key"] == ("note", "none; free builds need none")
    found = cli("doctor", env={"STORYBOARD_API_KEY": "topsecret"})
    assert "topsecret" not in found.out + found.err
    assert "from STORYBOARD_API_KEY" in found.out
    assert states(cli, env={"STORYBOARD_API_KEY": "with space"})["key"][0] == "problem"


def test_problem_is_exit_code_3_and_says_what_to_do(cli: Cli) -> None:
    done = cli("doctor", env={"SSL_CERT_FILE": "/nowhere.pem"})
    assert done.code == 3
    assert "SSL_CERT_FILE: /nowhere.pem, which is not there   → correct SSL_CERT_FILE, or unset it" in done.out


def test_another_storyboard_on_the_path_is_reported(cli: Cli) -> None:
    name = "storyboard.exe" if sys.platform == "win32" else "storyboard"
    other = cli.folder / "bin" / name
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    state, text = states(cli, env={"PATH": str(other.parent), "PATHEXT": ".exe"})["command"]
    assert (state, text) == ("problem", f"the shell finds {other}, which is another")


def test_the_gateway_is_asked_only_online_and_without_a_key(shop: Shop) -> None:
    assert "not asked" in states(shop.cli, env=shop.env)["gateway"][1]
    state, text = states(shop.cli, "--online", env=shop.env)["gateway"]
    assert state == "ok"
    assert text.endswith("answers")


def test_a_gateway_that_cannot_be_reached_is_a_problem(cli: Cli) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    assert states(cli, "--online", env={"STORYBOARD_BASE_URL": address})["gateway"][0] == "problem"


def test_locks_work_on_this_disk_and_leave_no_files(tmp_path: Path) -> None:
    assert locks_hold(tmp_path)
    assert list(tmp_path.iterdir()) == []
