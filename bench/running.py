"""A thousand jobs at a gateway, 200 at once, beside what people write for it; and downloads beside curl.

The gateway is a process of its own. All do the same work: submit, wait, download; what they paid and fetched is checked
in the gateway's book.
"""

from __future__ import annotations

import heapq
import json
import random
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.rows import Row, Rows
from bench.tables import megabytes, ratio, seconds, table, times
from bench.timing import run, surroundings
from bench.tools import Bench
from bench.verdicts import Verdict, at_least, at_most

HERE = Path(__file__).parent
JOBS = "jobs of {} s"
POLLS, FILES = "polls by themselves", "files of {} MB"
OURS, CURL = "storyboard", "curl"
SCRIPTS = ("aiohttp, every 2 s", "aiohttp, every 5 s", "httpx, every 2 s", "fal-client")
QUICK = 10
"""Seconds of a job up to which all scripts run; of longer ones the first alone: each run takes minutes."""
NUMBER, TOGETHER = 1_000, 200
TIMES = (4, 30)
"""Seconds that a job takes, about."""
SPREAD = (0.9, 0.95, 1.0, 1.05, 1.1)
"""How long single jobs take, as shares of that; mixed by chance, the same chance each time."""
LONGEST = {4: 1.3, 30: 1.05}
"""How many times the time of an ideal run ours may take."""
MOST_POLLS, LATEST, DEAREST, LARGEST, SLOWEST = 4, 0.05, 0.003, 150e6, 0.5
ASKED, ASKING = 2_000, 50
DOWNLOADS = ((8, 25), (200, 1))
"""How many files of how many MB."""
ROUNDS = 5
PRICE = "0.252"
"""US dollars for a clip of three seconds, by the card."""
PATIENCE = 900.0


def measure(
    bench: Bench,
    takes: Sequence[int] = TIMES,
    number: int = NUMBER,
    together: int = TOGETHER,
    downloads: Sequence[tuple[int, int]] = DOWNLOADS,
    asked: int = ASKED,
    rounds: int = ROUNDS,
) -> Rows:
    """Raises RuntimeError where somebody's clips or money are not what was ordered."""
    rows: list[Row] = []
    for each in takes:
        scripts = SCRIPTS if each <= QUICK else SCRIPTS[:1]
        tools = (OURS, *(scripts if bench.peers else ()))
        rows += (_jobs(bench, tool, each, number, together) for tool in tools)
    rows.append(_polls(bench, asked, rounds))
    for files, size in downloads:
        rows += _downloads(bench, files, size, rounds)
    return Rows(tuple(rows))


def orders(takes: float, number: int, together: int) -> dict[str, Any]:
    """What is bought: each prompt says how long its job takes."""
    chance = random.Random(1)
    paces = [chance.randrange(len(SPREAD)) for _ in range(number)]
    prompts = [f"Boat number {boat}, pace {pace}." for boat, pace in enumerate(paces)]
    more = {"model": "kirin_v3_t2v", "multi_shot": False, "duration": "3"}
    lasting = [takes * SPREAD[pace] for pace in paces]
    return {
        "paces": {f"pace {pace}.": takes * share for pace, share in enumerate(SPREAD)},
        "payloads": [{**more, "prompt": prompt} for prompt in prompts],
        "together": together,
        "price": PRICE,
        "ideal": ideal(lasting, together),
    }


def ideal(lasting: Iterable[float], together: int) -> float:
    """Seconds in which the jobs are done, in order, where nothing but they themselves takes time."""
    free = [0.0] * together
    for each in lasting:
        heapq.heappush(free, heapq.heappop(free) + each)
    return max(free)


def _jobs(bench: Bench, tool: str, takes: int, number: int, together: int) -> Row:
    folder = bench.work / "running"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "clips").mkdir(parents=True)
    ordered = orders(takes, number, together)
    file = folder / "orders.json"
    file.write_text(json.dumps(ordered), encoding="utf-8")
    with _served(bench, "gateway.py", str(file)) as url:
        command = _command(bench, tool, file, url, folder / "clips")
        taken = run(command, folder, surroundings(folder / "home"), PATIENCE)
        with urllib.request.urlopen(f"{url}/bench") as told:
            book = json.loads(told.read())
    what = JOBS.format(takes)
    if taken is None:
        return Row(what, tool, number, {}, f"stopped at {PATIENCE:.0f} s")
    if tool != OURS and taken.code:
        return Row(what, tool, number, {}, (taken.told.strip().splitlines() or ["failed"])[-1][:80])
    _check(tool, taken.code, taken.told, book, ordered)
    figures = {name: book[name] for name in ("makespan", "polls", "looks", "late")}
    return Row(what, tool, number, {**figures, "ideal": ordered["ideal"], "cpu": taken.cpu, "memory": taken.memory})


def _command(bench: Bench, tool: str, file: Path, url: str, clips: Path) -> tuple[str, ...]:
    if tool == OURS:
        return (str(bench.python), "-P", str(HERE / "buyer.py"), str(file), url, str(clips))
    return (str(bench.program("python")), "-P", str(HERE / "scripts.py"), tool, str(file), url, str(clips))


def _check(tool: str, code: int, told: str, book: dict[str, Any], ordered: dict[str, Any]) -> None:
    number = len(ordered["payloads"])
    owed = number * float(PRICE)
    found = (book["tasks"], book["fetched"], book["fetched_once"], round(float(book["paid"]), 6))
    if code or found != (number, number, number, round(owed, 6)):
        raise RuntimeError(f"{tool}: exit {code}, {found} of {number} jobs for {owed}: {told[-2000:]}")


def _polls(bench: Bench, asked: int, rounds: int) -> Row:
    file = bench.work / "polls.json"
    file.write_text(json.dumps(orders(1, 1, 1)), encoding="utf-8")
    with _served(bench, "gateway.py", str(file)) as url:
        told = [_told(bench, "polls.py", url, str(asked), str(ASKING)) for _ in range(rounds)]
    return Row(POLLS, OURS, asked, {"cpu": statistics.median(told) / asked})


def _downloads(bench: Bench, number: int, size: int, rounds: int) -> Iterator[Row]:
    """Ours and curl in turn, so that a busy moment hits both."""
    folder = bench.work / "downloads"
    taken: dict[str, list[float]] = {OURS: [], **({CURL: []} if shutil.which("curl") else {})}
    with _served(bench, "files.py", str(size * 1_000_000)) as url:
        for _ in range(rounds):
            for tool, wanted in taken.items():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                wanted.append(_fetched(bench, tool, url, number, folder))
    for tool, walls in taken.items():
        yield Row(FILES.format(size), tool, number, {"wall": statistics.median(walls)})


def _fetched(bench: Bench, tool: str, url: str, number: int, folder: Path) -> float:
    if tool == OURS:
        return _told(bench, "files.py", "fetch", url, str(number), str(folder))
    urls = [f"{url}/{each}.mp4" for each in range(number)]
    command = ["curl", "-fZ", "--no-progress-meter", "--parallel-max", "8", "--remote-name-all", *urls]
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True)
    return time.perf_counter() - begun


def _told(bench: Bench, script: str, *words: str) -> float:
    command = [str(bench.python), "-P", str(HERE / script), *words]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


@contextmanager
def _served(bench: Bench, script: str, *words: str) -> Iterator[str]:
    """A server of ours as a process of its own; its address."""
    server = subprocess.Popen([bench.python, "-P", HERE / script, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.communicate()


def verdicts(found: Rows) -> Iterator[Verdict]:
    """Whether the aims were reached."""
    for takes, longest in LONGEST.items():
        yield from _of_jobs(found, takes, longest)
    dear = found.figure(POLLS, OURS, ASKED, "cpu")
    yield at_most(f"a poll costs at most {DEAREST * 1000:.0f} ms of CPU", dear, DEAREST, seconds(dear))
    for number, size in DOWNLOADS:
        what = FILES.format(size)
        faster = ratio(found.figure(what, CURL, number), found.figure(what, OURS, number))
        yield at_least(f"{number} × {size} MB at least {SLOWEST} × as fast as curl", faster, SLOWEST, times(faster))


def _of_jobs(found: Rows, takes: int, longest: float) -> Iterator[Verdict]:
    rows = [row for row in found.of(JOBS.format(takes)) if row.tool == OURS]
    figures = rows[0].figures if rows else {}
    number = rows[0].size if rows else NUMBER
    whole = ratio(figures.get("makespan"), figures.get("ideal"))
    shown = "–" if whole is None else f"{whole:.3f} ×"
    yield at_most(f"{number:,} jobs of {takes} s: at most {longest} × an ideal run", whole, longest, shown)
    polls = ratio(figures.get("polls"), number)
    shown = "–" if polls is None else f"{polls:.2f}"
    yield at_most(f"jobs of {takes} s: at most {MOST_POLLS} polls a job", polls, MOST_POLLS, shown)
    late = figures.get("late")
    shown = "–" if late is None else f"{late:.1%}"
    yield at_most(f"jobs of {takes} s: seen at most {LATEST:.0%} of their time late", late, LATEST, shown)
    held = figures.get("memory")
    yield at_most(f"jobs of {takes} s: at most {megabytes(LARGEST)}", held, LARGEST, megabytes(held))


def page(found: Rows) -> str:
    """Its part of the page."""
    waits = (
        "jobs",
        "tool",
        "makespan",
        "× ideal",
        "polls a job",
        "looks before",
        "seen late (median)",
        "CPU",
        "CPU a job",
        "memory",
    )
    lines = [_line(row) for takes in LONGEST for row in found.of(JOBS.format(takes))]
    files = [
        (f"{number} × {size} MB", row.tool, seconds(row.figures["wall"]), _rate(number, size, row.figures["wall"]))
        for number, size in DOWNLOADS
        for row in found.of(FILES.format(size))
    ]
    return f"{table(waits, lines)}\n{table(('files', 'tool', 'time', 'MB a second'), files)}"


def _line(row: Row) -> list[str]:
    figures = row.figures
    if not figures:
        return [row.what, row.tool, row.note, *["–"] * 7]
    return [
        f"{row.size:,} {row.what}",
        row.tool,
        f"{figures['makespan']:.1f} s",
        f"{figures['makespan'] / figures['ideal']:.2f}",
        f"{figures['polls'] / row.size:.1f}",
        f"{figures['looks'] / row.size:.1f}",
        f"{figures['late']:.1%}",
        seconds(figures["cpu"]),
        f"{figures['cpu'] / row.size * 1000:.1f} ms",
        megabytes(figures["memory"]),
    ]


def _rate(number: int, size: int, wall: float) -> str:
    return f"{number * size / wall:,.0f}"


def main() -> None:
    """`python -m bench.running [SECONDS …]`: this part alone, ours as it is in this clone, without the scripts."""
    from bench.tools import WORK, in_place

    found = measure(in_place(WORK), [int(word) for word in sys.argv[1:]] or TIMES)
    print(page(found))
    for each in verdicts(found):
        print(f"{each.aim}: {each.measured} ({each.word})")


if __name__ == "__main__":
    main()
