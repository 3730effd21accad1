"""`python -m bench [--write] [--peers]`: measures, prints ratios, and puts them into docs/performance.md.

`--peers` installs the other tools into an environment in the temporary folder, and keeps their work there.
"""

from __future__ import annotations

import platform
import sys
import tempfile
from pathlib import Path

from bench.peers import measure
from bench.reading import reading
from bench.stages import memory, stages
from bench.startup import startup
from bench.stories import write_film, write_stories
from bench.tables import HELPED, peer_tables

SIZES = ((10, 1), (100, 1), (1_000, 10), (10_000, 100), (100_000, 1_000))
"""Shots in all, and in how many stories."""
WEIGHED = 10_000
"""Shots up to which memory is measured too: that takes five times as long."""
JOBS = (100, 1_000, 10_000)
BYTES = (8_000, 80_000)
"""Shots of about 1 MB and 10 MB."""
FILM_JOBS = 10
WORK = Path(tempfile.gettempdir()) / "storyboard-bench"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"

HEAD = """# Performance

`python -m bench --write` measures and writes this page. Absolute times move with the machine; ratios are of one run.
"""


def main() -> None:
    peers = [peer_tables(measure(WORK, JOBS))] if "--peers" in sys.argv else []
    page = "\n".join([HEAD, _machine(), _startup(), *peers, _reading(), _stages(), HELPED])
    print(page)
    if "--write" in sys.argv:
        PAGE.write_text(page, encoding="utf-8")


def _machine() -> str:
    return f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}, one core.\n"


def _stages() -> str:
    """From text to jobs, at several sizes: the time of a shot should not grow with them."""
    head = "## From text to jobs\n\nCPU time; each story imports a library.\n\n"
    head += "| shots | stories | read and parse | check | compile | in all | shots a second | bytes a shot |\n"
    return head + "|---|---|---|---|---|---|---|---|\n" + "".join(_size(*size) for size in SIZES)


def _size(wanted: int, files: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shots = write_stories(folder, wanted, files)
        times = stages(folder)
        held = f"{memory(folder) / shots:,.0f}" if shots <= WEIGHED else ""
    whole = sum(times.values())
    cells = [f"{shots:,}", str(files), *(f"{seconds:.2f} s" for seconds in times.values())]
    return f"| {' | '.join([*cells, f'{whole:.2f} s', f'{shots / whole:,.0f}', held])} |\n"


def _reading() -> str:
    head = (
        "## Reading text\n\nThe same plain shots as a story and as YAML; CPU time, medians of interleaved rounds.\n\n"
    )
    head += "| shots | storyboard | PyYAML, C | ratio |\n|---|---|---|---|\n"
    rows = []
    for shots in BYTES:
        found = reading(shots)
        (us, size), (them, _) = found["storyboard"], found["PyYAML, C"]
        rows.append(f"| {shots:,} ({size / 1e6:.1f} MB) | {us:.2f} s | {them:.2f} s | {us / them:.2f} |\n")
    return head + "".join(rows)


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
