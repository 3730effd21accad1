"""Runs the command line: in this process, where it is quick, and as a process of its own, where that matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from storyboard.cli.main import run
from tests.support.printed_documents import check_printed
from tests.support.waiting import PATIENCE

AUTHORITY = Path(__file__).with_name("authority.pem")
"""The one authority that the commands trust: their gateways speak plainly, and reading all that the world trusts takes each
run 20 ms."""

SMALL_ANIMATIC = "[animatic]\nwidth = 64\nfps = 4\n"
"""Settings of a project whose animatic is rendered in a twentieth of the usual time."""


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its document."""
        return json.loads(self.out)


def _pieces(terminal: FileIO) -> Iterator[bytes]:
    """All that is written until the last one closes it; Linux then says EIO."""
    try:
        while piece := terminal.read(65536):
            yield piece
    except OSError:
        return


class Cli:
    """A person in a folder, with a home and a store of their own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home

    @property
    def environment(self) -> dict[str, str]:
        """What the commands see: nothing of the machine's own configuration."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("STORYBOARD_")}
        return ours | {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "LOCALAPPDATA": str(self.home / "local"),
            "STORYBOARD_STORE": str(self.home / "store"),
            "NO_COLOR": "1",
            "SSL_CERT_FILE": str(AUTHORITY),
        }

    def __call__(self, *arguments: str, stdin: str | bytes | None = None, env: Mapping[str, str] | None = None) -> Done:
        """In this process."""
        done = self.through(lambda: run(arguments), stdin=stdin, env=env)
        check_printed(arguments, done.out)
        return done

    def through(
        self, entry: Callable[[], int], *, stdin: str | bytes | None = None, env: Mapping[str, str] | None = None
    ) -> Done:
        """Whatever is called in this folder, with these streams and surroundings."""
        runner = CliRunner(catch_exceptions=False)
        back = Path.cwd()
        os.chdir(self.folder)
        try:
            with runner.isolation(stdin, {**self.environment, **(env or {})}) as (out, err, _):
                code = entry()
                sys.stdout.flush()
                sys.stderr.flush()
                return Done(code, out.getvalue().decode(), err.getvalue().decode())
        finally:
            os.chdir(back)

    def process(self, *arguments: str, env: Mapping[str, str] | None = None, **more: Any) -> Done:
        """As a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "storyboard", *arguments],
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            capture_output=True,
            check=False,
            timeout=PATIENCE,
            **more,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def terminal(self, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Done:
        """What somebody sees who runs the command in a terminal, and types `stdin`."""
        import pty  # there is none on Windows

        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "storyboard", *arguments],
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        with process, FileIO(ours, "r+") as terminal:
            os.close(theirs)
            terminal.write(stdin)
            seen = b"".join(_pieces(terminal))
            return Done(process.wait(PATIENCE), seen.decode(), "")

    def write(self, name: str, text: str | bytes) -> Path:
        """A file below the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
