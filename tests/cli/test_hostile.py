"""Files that nobody wrote by hand: one clear line or findings, exit code 1 or 2; never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.cli import Cli

HEAD = b'story "T"\n  .model kirin_v3_t2v\n'
SHOT = HEAD + b"shot s 5s\n  "

FILES: dict[str, bytes] = {
    "nul": b'story "a\x00b"\n',
    "binary": bytes(range(256)) * 50,
    "utf16": 'story "x"\n'.encode("utf-16"),
    "gbk": 'story "灯笼之夜"\n'.encode("gbk"),
    "lone carriage returns": b'story "x"\rshot',
    "empty": b"",
    "a mark and nothing": b"\xef\xbb\xbf",
    "ten megabytes in a line": b"x" * 10_000_000,
    "ten megabytes of text": SHOT + b"x " * 5_000_000 + b"\n",
    "twenty thousand mistakes": b"shto\n" * 20_000,
    "parentheses": SHOT + b"{{ " + b"(" * 100_000 + b" }}\n",
    "braces": SHOT + b"{{" * 100_000 + b"\n",
    "nots": SHOT + b"{{ " + b"not " * 100_000 + b"1 }}\n",
    "ifs": HEAD + b"shot s 5s\n" + b"  {% if 1 == 1 %}\n" * 20_000 + b"  x\n" + b"  {% endif %}\n" * 20_000,
    "nested loops": b"".join(b" " * depth + b"for x in 1..2\n" for depth in range(3_000)),
    "a loop of a thousand million": HEAD + b"for a in 1..1000000000\n  shot s 5s\n    x\n",
    "a long number": HEAD + b"shot s " + b"9" * 100_000 + b"s\n  x\n",
    "escape sequences": b'story "\x1b[2J\x1b]0;pwned\x07"\n',
    "a right-to-left override": 'story "T"\nshto \u202e\u2066x\n'.encode(),
    "json in json": HEAD + b"  .camera_control " + b"[" * 100_000 + b"\nshot s 5s\n  x\n",
}


@pytest.mark.parametrize("command", [["lint"], ["compile", "--json"], ["fmt", "--check"]], ids=" ".join)
@pytest.mark.parametrize("name", FILES)
def test_hostile_file_is_reported(cli: Cli, name: str, command: list[str]) -> None:
    cli.write("a.story", FILES[name])
    done = cli(command[0], "a.story", *command[1:])
    assert done.code in {0, 1, 2}
    assert "Traceback" not in done.out + done.err
    assert not {char for char in done.out + done.err if char != "\n" and ord(char) < 32}
    if "--json" in command and done.out:
        assert done.code == any(found["severity"] == "error" for found in done.json["diagnostics"])
    elif done.code:
        assert max(map(len, (done.out + done.err).splitlines())) < 2_100


@pytest.mark.posix("it has no pipes among its files")
def test_path_that_is_not_a_file_gives_one_line(cli: Cli) -> None:
    (cli.folder / "folder.story").mkdir()
    (cli.folder / "loop.story").symlink_to("loop.story")
    os.mkfifo(cli.folder / "pipe.story")
    for name in (
        "folder.story",
        "loop.story",
        "pipe.story",
        "gone.story",
        "gone/",
        "a.story/b.story",
        "\x01\x1b[2J",
        "x" * 5000,
    ):
        done = cli("lint", name)
        assert (done.code, done.out) == (2, ""), name
        assert done.err.startswith("error: ")
        assert len(done.err.splitlines()) <= 2
        assert "\x1b" not in done.err


def test_standard_input_is_read_once_and_without_other_files(cli: Cli) -> None:
    assert cli("lint", "-", stdin=b"\xff").code == 1
    assert cli("lint", "-", stdin="let a = 1\n").code == 0
    assert cli("lint", "-", "b.story", stdin="").code == 2


@pytest.mark.posix("every name is text there")
def test_undecodable_file_name_is_escaped(cli: Cli) -> None:
    cli.write(os.fsdecode(b"\xff\x1b.story"), "shto\n")
    text, document = cli.process("lint"), cli.process("lint", "--json")
    assert (text.code, document.code) == (1, 1)
    assert "\ufffd␛.story:1:1" in text.out
    assert document.json["diagnostics"][0]["path"] == "\udcff\x1b.story"


def test_unreadable_folder_gives_one_line(cli: Cli) -> None:
    closed = cli.write("closed/a.story", "let a = 1\n").parent
    closed.chmod(0)
    cli.write("open.story", "let a = 1\n")
    # Root may read everything: then the same process, everything imported, goes on as nobody.
    as_nobody = "import os, sys; from storyboard.cli.main import run; run(['lint', 'open.story'])\n"
    as_nobody += "os.getuid() or os.seteuid(65534)\nsys.exit(run(['lint', 'closed']))"
    done = subprocess.run(
        [sys.executable, "-c", as_nobody],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    closed.chmod(0o700)
