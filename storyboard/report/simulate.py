"""What `storyboard simulate` prints, and the table of faults for the docs."""

from __future__ import annotations

import json

from storyboard.money import dollars
from storyboard.report.style import Line, counted, line
from storyboard.simulator.account_book import Entry, Totals
from storyboard.simulator.fault_catalogue import ANY, KINDS, FaultKind, Stage


def welcome(url: str, origin: str, key: str) -> list[Line]:
    """Return the lines that say where the gateway is and how to use it."""
    return [
        line(("simulated gateway at ", "ok"), (url, "place"), "   everything here is free"),
        line(
            f"  STORYBOARD_BASE_URL={url} STORYBOARD_API_KEY={key} storyboard build --provider kirin --yes",
        ),
        line(f"  account book: {origin}/__book   faults: POST {origin}/__faults   Ctrl-C stops it"),
    ]


def happened(entry: Entry) -> Line | None:
    """Return the line for a new entry of the book, or None if another entry says the same."""
    match entry.what:
        case "post":
            return line(f"submit   {entry.external_id or '(no id)'} → {entry.answer}   ", (entry.detail or "", "dim"))
        case "task":
            return line(f"task     {entry.task}   {entry.external_id or ''}")
        case "charge" | "refund":
            return line(f"{entry.what:8} {entry.task}   {dollars(entry.usd)}")
        case "end":
            return line(
                f"task     {entry.task}   ", (entry.detail or "", "error" if entry.detail == "failed" else "ok")
            )
        case "fault":
            return line(("fault    ", "warning"), entry.detail or "")
        case "leak":
            return line(("leak     ", "error"), entry.detail or "")
        case "callback":
            return line(f"callback {entry.task}   {entry.detail} → {entry.answer}")


def farewell(totals: Totals) -> list[Line]:
    """Return the lines that sum up the run."""
    accounts = totals.accounts.values()
    tasks = counted(sum(account.tasks for account in accounts), "task")
    twice = totals.bought_twice
    lines = [line(f"{tasks}, {dollars(totals.paid)} charged in play money")]
    if twice:
        lines.append(line(("bought twice: ", "error"), ", ".join(sorted(name for _, name in twice))))
    leaks = sum(account.leaks for account in accounts)
    if leaks:
        lines.append(
            line(("leaked: ", "error"), f"an API key was sent to a download address, {counted(leaks, 'time')}")
        )
    return lines


def faults_page() -> str:
    """Return every fault as Markdown tables, grouped by when it occurs."""
    return "\n".join(_stage_table(stage, heading) for stage, heading in _STAGES.items())


_STAGES = {
    Stage.INSTEAD: "Instead of the gateway: the gateway never sees the request",
    Stage.FATE: "In the fate of the task: decided when it is accepted",
    Stage.AFTER: "After the gateway did its part: changes to the reply",
    Stage.DELIVERY: "In the delivery of the request",
}


def _stage_table(stage: Stage, heading: str) -> str:
    kinds = (kind for kind in KINDS.values() if kind.stage is stage)
    head = f"### {heading}\n\n| fault | operations | what happens | options |\n|---|---|---|---|\n"
    return head + "".join(_fault_row(kind) for kind in kinds)


def _fault_row(kind: FaultKind) -> str:
    met = "all" if kind.operations == ANY else ", ".join(kind.operations)
    options = ", ".join(f"`{name}` {_usual(value)}" for name, value in kind.options.items())
    chance = "" if kind.weight else " ◦"
    return f"| `{kind.name}`{chance} | {met} | {kind.about} | {options} |\n"


def _usual(value: object) -> str:
    return "–" if value is None or value == "" else f"`{json.dumps(value)}`"
