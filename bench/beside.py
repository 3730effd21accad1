"""What the page tells of nothing to do and of one thing changed, beside other tools."""

from __future__ import annotations

from collections.abc import Iterator

from bench.idle import ALONE, CHANGED, COMMAND, NOTHING, QUESTIONS, VERSION
from bench.peers import SHORT_FILMS
from bench.rows import Rows
from bench.tables import memory, ratio, seconds, table, times
from bench.verdicts import Verdict, at_least, at_most

OURS = "storyboard"
BUILD, PLAN = f"{OURS} build", f"{OURS} plan"
SMALL, LARGE = 1_000, 10_000


def verdicts(found: Rows) -> Iterator[Verdict]:
    """Whether the aims were reached."""
    for command in (BUILD, PLAN):
        for size, limit in ((SMALL, 2), (LARGE, 1)):
            value = _against(found, command, "ninja", size)
            aim = f"nothing to do, {size:,} jobs: `{command}` at most {limit} × ninja"
            yield at_most(aim, value, limit, times(value))
    value = _against(found, SHORT_FILMS, "ninja", SMALL)
    yield at_most(f"nothing to do, {SMALL:,} jobs: `{SHORT_FILMS}` at most 1.5 × ninja", value, 1.5, times(value))
    for peer, limit in (("doit", 10), ("Snakemake", 100), ("DVC status", 100), ("DVC repro", 100)):
        for size in (SMALL, LARGE):
            value = _against(found, peer, BUILD, size)
            aim = f"nothing to do, {size:,} jobs: {peer} takes at least {limit} × `{BUILD}`"
            yield at_least(aim, value, limit, _at_least(found, peer, size) + times(value))
    yield from (_edit(found, command) for command in (BUILD, PLAN))


def _edit(found: Rows, command: str) -> Verdict:
    """What a change among many costs above the same change in a film of one job: imports, and the job itself."""
    alone, among = found.figure(CHANGED, command, 1), found.figure(CHANGED, command, LARGE)
    more = among - alone if among is not None and alone is not None else None
    value = ratio(more, found.figure(NOTHING, command, LARGE))
    aim = f"one job changed among {LARGE:,}, less the same in a film of one job: `{command}` at most 3 × nothing to do"
    return at_most(aim, value, 3, f"{seconds(among)} − {seconds(alone)}: {times(value)}")


def page(found: Rows) -> str:
    """Its part of the page."""
    tables = "\n".join(f"### {question.capitalize()}\n\n{_table(found, question)}" for question in QUESTIONS)
    slower = "".join(f"- {line}\n" for line in _slower(found)) or "- nowhere\n"
    tables += f"\n### How storyboard grows\n\n{_growth(found)}"
    return f"{tables}\n### Where others are faster than `{BUILD}`\n\n{slower}\n### What was run\n\n{_commands(found)}"


def _table(found: Rows, question: str) -> str:
    sizes = [size for size in found.sizes(question) if size not in ALONE]
    head = ("", *(f"{size:,} jobs" for size in sizes))
    return table(
        head, ([tool, *(_cell(found, question, tool, size) for size in sizes)] for tool in found.tools(question))
    )


def _growth(found: Rows) -> str:
    """Our own commands at every number of jobs, also few."""
    sizes = found.sizes(NOTHING)
    head = ("wall time, CPU time", *(f"{size:,} {'job' if size == 1 else 'jobs'}" for size in sizes))
    ours = [(question, tool) for question in QUESTIONS for tool in found.tools(question) if tool.startswith(OURS)]
    return table(
        head,
        ([f"{tool}, {question}", *(_own(found, question, tool, size) for size in sizes)] for question, tool in ours),
    )


def _own(found: Rows, question: str, tool: str, size: int) -> str:
    return ", ".join(seconds(found.figure(question, tool, size, name)) for name in ("wall", "cpu"))


def _cell(found: Rows, question: str, tool: str, size: int) -> str:
    row = found.row(question, tool, size)
    if row is None or row.note:
        return row.note if row else "–"
    share = times(ratio(row.figures["wall"], found.figure(question, BUILD, size)))
    return f"{seconds(row.figures['wall'])} ({share}), {memory(row.figures['memory'])}"


def _slower(found: Rows) -> Iterator[str]:
    """Each peer that beats us somewhere, and how much."""
    for question in QUESTIONS:
        for tool in found.tools(question):
            shares = {size: _against(found, BUILD, tool, size, question) for size in found.sizes(question)}
            where = [f"{size:,} jobs ({times(share)} as long)" for size, share in shares.items() if share and share > 1]
            if where and not tool.startswith(OURS):
                yield f"{question}: {tool}; we take at {', '.join(where)}"


def _commands(found: Rows) -> str:
    told = ((tool, _note(found, VERSION, tool), f"`{_note(found, COMMAND, tool)}`") for tool in found.tools(COMMAND))
    return table(("", "version", "timed"), told)


def _note(found: Rows, what: str, tool: str) -> str:
    row = found.row(what, tool, 0)
    return row.note if row else "?"


def _against(found: Rows, one: str, other: str, size: int, question: str = NOTHING) -> float | None:
    """How many times the time of the other it takes; where it was stopped, at the least."""
    return ratio(_wall(found, question, one, size), _wall(found, question, other, size))


def _wall(found: Rows, question: str, tool: str, size: int) -> float | None:
    wall = found.figure(question, tool, size)
    return wall if wall is not None else found.figure(question, tool, size, "over")


def _at_least(found: Rows, tool: str, size: int) -> str:
    return "over " if found.figure(NOTHING, tool, size, "over") else ""
