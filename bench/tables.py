"""The tables of what the peers measure, and what was learned on the way, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.peers import PATIENCE

HELPED = """\
## What helped, and what did not

- A run that changed nothing writes down what it told, with a stamp (times of content and of state, size, inode, device)
  of all that it read or looked for in vain; the same command line compares the stamps before anything is imported. It
  costs a `stat` a clip: the number of stats is what grows.
- The cache is `$XDG_CACHE_HOME/storyboard` (`~/.cache/storyboard`), private to the user; it may be deleted at any time.
  A file that changed in the last 20 ms before a run (2 s where the file system counts coarsely) is not trusted, and the
  run is then not remembered. Nor is one with errors, with something running, with a plug-in for a provider, or with a
  story that is a symbolic link. On a network disk whose clock lags behind this machine's, an edit *during* a run could
  go unseen; delete the cache, or touch the file.
- Whatever another project buys or renders changes the shared ledger: each project then goes the long way once.
- Searching for garbage seldom: a tenth of a lint of 9,900 shots.
- `PYTHONDONTWRITEBYTECODE` makes each start compile its modules: 624 ms of CPU in place of 390 for a small build that
  goes the long way. Measure without it.
- Not done: stored results for each story file. One changed shot therefore reads, checks and compiles every story again.
"""


def peer_tables(found: Mapping[int, Mapping[str, tuple[float | None, float | None]]]) -> str:
    """Both tables, wall time, each with its ratio to ours."""
    head = """\
## Beside other tools

Wall time, medians of interleaved runs; what takes over 2 s was measured once, and what takes over 60 s,
be it the first build, was stopped. The ratio is to `storyboard build`. A job of a peer copies a small file; ours
is a clip that was rendered and joined, so with one job changed we also render it, join its film anew and write its
contact sheet, and DVC only says that something changed. Their lists of jobs are written by hand or in a loop; ours are
compiled from stories of 100 jobs. The commands are in `bench/peers.py`.

"""
    return head + _table("Nothing to do", found, 0) + "\n" + _table("One job changed", found, 1)


def _table(title: str, found: Mapping[int, Mapping[str, tuple[float | None, float | None]]], which: int) -> str:
    sizes = list(found)
    head = f"### {title}\n\n| | {' | '.join(f'{size:,} jobs' for size in sizes)} |\n|---|{'---|' * len(sizes)}\n"
    return head + "".join(_row(name, [found[size] for size in sizes], which) for name in found[sizes[0]])


def _row(name: str, by_size: Sequence[Mapping[str, tuple[float | None, float | None]]], which: int) -> str:
    cells = [_cell(measured[name][which], measured["storyboard build"][which]) for measured in by_size]
    return f"| {name} | {' | '.join(cells)} |\n"


def _cell(seconds: float | None, ours: float | None) -> str:
    if seconds is None:
        return f"stopped at {PATIENCE:.0f} s"
    shown = f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
    return f"{shown} ({seconds / ours:.2g} ×)" if ours else shown
