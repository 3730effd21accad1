"""`python -m bench [--write]`: measures, prints ratios, and with `--write` puts them into docs/performance.md."""

from __future__ import annotations

import platform
import sys
import tempfile
from pathlib import Path

from bench.stages import memory, stages
from bench.startup import startup
from bench.stories import write_film, write_stories

SIZES = ((1_000, 10), (10_000, 100), (50_000, 500))
"""Shots in all, and in how many stories."""
FILM_JOBS = 10
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"

HEAD = """# Performance

`python -m bench --write` measures and writes this page. Absolute times move with the machine; ratios are of one run.
"""


def main() -> None:
    page = "\n".join([HEAD, _machine(), _stages(), _startup()])
    print(page)
    if "--write" in sys.argv:
        PAGE.write_text(page, encoding="utf-8")


def _machine() -> str:
    return f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}, one core.\n"


def _stages() -> str:
    """From text to jobs, at several sizes: the time of a shot should not grow with them."""
    head = "## From text to jobs\n\nA shot has a prompt, a phrase or a template; every story imports a library.\n\n"
    head += "| shots | stories | read and parse | check | compile | in all | shots a second | bytes a shot |\n"
    return head + "|---|---|---|---|---|---|---|---|\n" + "".join(_size(*size) for size in SIZES)


def _size(wanted: int, files: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shots = write_stories(folder, wanted, files)
        times = stages(folder)
        held = memory(folder) / shots
    whole = sum(times.values())
    cells = [f"{shots:,}", str(files), *(f"{seconds:.2f} s" for seconds in times.values())]
    return f"| {' | '.join([*cells, f'{whole:.2f} s', f'{shots / whole:,.0f}', f'{held:,.0f}'])} |\n"


def _startup() -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_film(folder, FILM_JOBS)
        times = startup(folder)
    empty = times["python -c pass"]
    rows = [f"| `{name}` | {seconds * 1000:.0f} ms | {seconds / empty:.1f} |" for name, seconds in times.items()]
    head = f"## Starting, with nothing to do\n\nAn unchanged film of {FILM_JOBS} jobs; medians of interleaved runs.\n\n"
    return head + "| command | time | over an empty interpreter |\n|---|---|---|\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
