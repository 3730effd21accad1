"""Environment variables; each access is recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from storyboard.files.plain_transcript import read_variable
from storyboard.files.transcript import current


class _Environment(Mapping[str, str]):
    """The variables of this process."""

    def __getitem__(self, name: str) -> str:
        current().variables[name] = read_variable(name)
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        current().doubt = "all environment variables were read"
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)


environ: Mapping[str, str] = _Environment()
"""The environment; the rest of storyboard uses it in place of `os.environ`."""
