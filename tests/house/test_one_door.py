"""All reading and writing of files goes through `storyboard/files`: a look at the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import storyboard

OURS = Path(storyboard.__path__[0])
MODULES = sorted(path.relative_to(OURS).as_posix() for path in OURS.rglob("*.py") if "files" not in path.parts[-2:-1])

METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob", "hardlink_to", "touch"}
FUNCTIONS = {
    "os": {"open", "replace", "rename", "scandir", "walk", "listdir", "stat", "environ", "getenv", "link", "symlink"},
    "tempfile": {"mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile"},
    "shutil": {"copyfile", "copy", "copy2", "copyfileobj", "move", "rmtree", "copytree"},
}
ALLOWED = {
    "cli/main.py": "stands in for a stream that is closed",
    "cli/output_cache.py": "lists the package itself, each file of which goes through the door",
    "cli/replay.py": "the question, asked before the door is there: the variables that libraries read",
    "film/folder.py": "clips are shared with the store by reflink or hard link",
    "film/free_shots.py": "hashes and clears away clips that were made there",
    "film/otioz.py": "media are copied into a zip file in pieces",
    "film/sheet_server.py": "sends films and clips in pieces",
    "media/fonts.py": "the machine's fonts: what is drawn with them is known by its hash",
    "media/glyph_coverage.py": "reads a few tables of a font",
    "media/c2pa_signer.py": "the library that signs reads and writes open files",
    "media/mp4/concat.py": "clips, mapped and joined in pieces",
    "media/mp4/content_credentials.py": "clips, mapped",
    "media/mp4/measure.py": "clips, mapped",
    "run/downloader.py": "downloads grow piece by piece, and go on where they stopped",
    "simulator/account_book.py": "the simulator's own book grows line by line",
    "simulator/clips.py": "the simulator's own clips",
    "store/claims.py": "a claim is a lock of the operating system",
    "store/clips.py": "clips are hashed in pieces, and looked at one by one when the store is cleaned",
    "store/local.py": "lists its own claims",
    "store/lock_registry.py": "lists its own notes, which are private to the store",
    "store/sqlite/opening.py": "SQLite opens its file itself, which `record_file` records",
}
"""The modules that reach past the door, and why they may."""


def reached_past(module: str) -> Iterator[str]:
    """Each place where a module opens, lists or writes files, or reads the environment, by itself."""
    for node in ast.walk(ast.parse((OURS / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            yield f"{module}:{node.lineno}: open"
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in FUNCTIONS.get(owner, ()) or node.attr in METHODS:
                yield f"{module}:{node.lineno}: {owner or '…'}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module in FUNCTIONS:
            yield from (
                f"{module}:{node.lineno}: {node.module}.{each.name}"
                for each in node.names
                if each.name in FUNCTIONS[node.module]
            )
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "open"
            and (
                node.args
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value in ("rb", "wb", "ab", "a", "r", "w", "x")
            )
        ):
            yield f"{module}:{node.lineno}: ….open"


def test_no_module_accesses_the_disk_directly() -> None:
    assert [place for module in MODULES if module not in ALLOWED for place in reached_past(module)] == []


@pytest.mark.parametrize("module", sorted(ALLOWED))
def test_every_listed_exception_is_needed(module: str) -> None:
    assert list(reached_past(module)) != []
