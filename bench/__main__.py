"""`python -m bench [--write]`: measures, prints ratios, and with `--write` puts them into docs/performance.md."""

from __future__ import annotations

import platform
import sys
import tempfile
from pathlib import Path

from bench.stages import stages
from bench.startup import startup
from bench.stories import write_stories

SHOTS, FILES = 10_000, 100
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"

HEAD = """# Performance

`python -m bench --write` measures and writes this page. Absolute times move with the machine; ratios are of one run.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shots = write_stories(folder, SHOTS, FILES)
        page = "\n".join([HEAD, _machine(), _stages(stages(folder), shots), _startup(startup(folder))])
    print(page)
    if "--write" in sys.argv:
        PAGE.write_text(page, encoding="utf-8")


def _machine() -> str:
    return f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}.\n"


def _stages(times: dict[str, float], shots: int) -> str:
    rows = [f"| {stage} | {seconds:.2f} s | {shots / seconds:,.0f} |" for stage, seconds in times.items()]
    whole = sum(times.values())
    rows.append(f"| all | {whole:.2f} s | {shots / whole:,.0f} |")
    head = f"## {shots:,} shots in {FILES} stories, one core\n\n| stage | time | shots a second |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _startup(times: dict[str, float]) -> str:
    empty = times["python -c pass"]
    rows = [f"| `{name}` | {seconds * 1000:.0f} ms | {seconds / empty:.1f} |" for name, seconds in times.items()]
    return "## Start-up\n\n| command | time | over an empty interpreter |\n|---|---|---|\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
