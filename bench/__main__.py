"""`python -m bench [PART …] [--write]`: measures, and prints the page of what was measured.

Without a part all are measured, one after the other. `page` measures nothing. What was measured is kept in the
temporary folder, part by part; `--write` puts the page into bench/performance.md.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.machine import Watch
from bench.page import page
from bench.parts import PARTS
from bench.rows import keep
from bench.tools import ROOT, WORK, alone, installed

PAGE = ROOT / "bench" / "performance.md"
KEPT = WORK / "rows"
ONLY_PAGE, WRITE = "page", "--write"


def main() -> None:
    """Exit code 2 for a word that is not known, 1 where a part could not be measured."""
    words = [word for word in sys.argv[1:] if word != WRITE]
    known = [part.name for part in PARTS]
    if set(words) - {*known, ONLY_PAGE}:
        sys.exit(f"usage: python -m bench [{' | '.join((*known, ONLY_PAGE))} …] [{WRITE}]")
    failed = [name for name in words or known if name != ONLY_PAGE and not _measured(name)]
    told = page(KEPT, PAGE.read_text(encoding="utf-8") if PAGE.exists() else "")
    print(told)
    if WRITE in sys.argv:
        PAGE.write_text(told, encoding="utf-8")
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def _measured(name: str) -> bool:
    """In a process of its own, so that what one part leaves in memory is not in the next one's way."""
    print(f"measuring: {name}", file=sys.stderr, flush=True)
    return subprocess.run([sys.executable, "-c", MEASURE, name], cwd=ROOT, check=False).returncode == 0


def measure(name: str, kept: Path = KEPT) -> None:
    """Measures one part, and keeps its rows."""
    (part,) = (part for part in PARTS if part.name == name)
    with alone(WORK):
        bench = installed()
        watch = Watch()
        found = part.measure(bench)
        keep(kept, name, replace(found, about=watch.told()))


MEASURE = "import sys; from bench.__main__ import measure; measure(sys.argv[1])"

if __name__ == "__main__":
    main()
