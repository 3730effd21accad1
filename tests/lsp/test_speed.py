"""How little the server does after an edit, and that it does not grow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeAlias

import pytest

from storyboard.lsp.buffers import Buffers
from storyboard.lsp.live_check import LiveChecks
from tests.support.cli import Cli
from tests.support.editor import Editor, place
from tests.support.work import steps

Start: TypeAlias = Callable[..., AbstractAsyncContextManager[Editor]]

FILES, SCENES, SHOTS = 20, 20, 5
CAST = "".join(f"let p{number} = Person {number} in a red coat\n" for number in range(50))


def film(number: int) -> str:
    lines = [f'story "Film {number}"\n  .model kirin_v3_t2v\n  .suffix Soft light.\n\nimport "cast.story"\n']
    for scene in range(SCENES):
        lines.append(f'\nscene s{scene} "Scene {scene}"\n')
        for shot in range(SHOTS):
            who = (scene + shot) % 50
            lines.append(f"\nshot a{shot} 5s\n  {{{{ p{who} }}}} walks down street {scene * shot}, rain falls, wide.\n")
    return "".join(lines)


def write(cli: Cli) -> list[str]:
    cli.write("storyboard.toml", "")
    cli.write("cast.story", CAST)
    names = [f"film{number}.story" for number in range(FILES)]
    for number, name in enumerate(names):
        cli.write(name, film(number))
    return names


def memory(editor: Editor) -> int:
    """Megabytes that the server takes."""
    assert editor.server_process is not None
    status = Path(f"/proc/{editor.server_process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) // 1024


def test_latest_text_is_checked_once_and_first(cli: Cli) -> None:
    names = write(cli)[:3]
    checks = LiveChecks(Buffers(cli.folder))
    paths = [checks.buffers.open((cli.folder / name).as_uri(), film(0), 1) for name in names]
    for path in paths:
        checks.changed(path)
    report_all(checks)
    for path in (*paths, *[paths[1]] * 100):
        checks.changed(path)
    assert list(checks.stale) == [paths[1], paths[2], paths[0]]
    cast = checks.buffers.open((cli.folder / "cast.story").as_uri(), CAST, 1)
    checks.changed(cast)
    assert next(iter(checks.stale)) == cast
    assert set(checks.stale) == {cast, *paths}


def test_work_after_a_keystroke_does_not_grow_with_the_open_files(cli: Cli) -> None:
    names = write(cli)
    checks, work = LiveChecks(Buffers(cli.folder)), []
    for already, more in ((0, 5), (5, FILES)):
        for number in range(already, more):
            checks.changed(checks.buffers.open((cli.folder / names[number]).as_uri(), film(number), 1))
        report_all(checks)
        checks.changed(checks.buffers.open((cli.folder / names[3]).as_uri(), film(3) + "\n" * more, 2))
        work.append(steps(lambda: report_all(checks)))
    assert work[1] < 1.1 * work[0]
    assert work[1] < 2_500 * SCENES * SHOTS, "steps for each shot of one file"


def report_all(checks: LiveChecks) -> None:
    while checks.stale:
        checks.report(next(iter(checks.stale)))


@pytest.mark.long
async def test_memory_stays_steady_over_ten_thousand_edits(cli: Cli, start: Start) -> None:
    names = write(cli)
    async with start() as editor:
        for name in names[:5]:
            await editor.open(name)
        sizes = []
        for round_ in range(10):
            for number in range(500):
                await editor.type(names[0], "x", place((9, 2), (9, 2)), wait=number % 10 == 9)
                await editor.type(names[0], "", place((9, 2), (9, 3)), wait=number % 10 == 9)
            sizes.append(memory(editor))
            assert round_ < 3 or sizes[-1] < sizes[2] + 25, sizes
