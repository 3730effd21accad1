"""What a simulated gateway tells whoever runs it."""

from __future__ import annotations

import json

from storyboard.money import dollars
from storyboard.report.style import Line, counted, line
from storyboard.simulator.account_book import Entry, Totals
from storyboard.simulator.fault_catalogue import ANY, KINDS, FaultKind, Stage


def welcome(url: str, origin: str, key: str) -> list[Line]:
    """Where it is, and how to use it."""
    return [
        line(("a simulated gateway at ", "ok"), (url, "place"), "   nothing here costs anything"),
        line(
            f"  STORYBOARD_BASE_URL={url} STORYBOARD_API_KEY={key} storyboard build --provider kirin --yes",
        ),
        line(f"  the account book: {origin}/__book   faults: POST {origin}/__faults   Ctrl-C ends it"),
    ]


def happened(entry: Entry) -> Line | None:
    """An entry of the book as it is written; None for what another entry says too."""
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
    """What it comes to."""
    accounts = totals.accounts.values()
    tasks = counted(sum(account.tasks for account in accounts), "task")
    twice = totals.bought_twice
    lines = [line(f"{tasks}, {dollars(totals.paid)} charged, in play money")]
    if twice:
        lines.append(line(("bought twice: ", "error"), ", ".join(sorted(name for _, name in twice))))
    leaks = sum(account.leaks for account in accounts)
    if leaks:
        lines.append(line(("leaked: ", "error"), f"a key was sent to a file's address, {counted(leaks, 'time')}"))
    return lines


def faults_page() -> str:
    """Every fault that can be staged, as Markdown tables, by when they strike."""
    return "\n".join(_stage_table(stage, heading) for stage, heading in _STAGES.items())


_STAGES = {
    Stage.INSTEAD: "Instead of the gateway: it hears nothing of the request",
    Stage.FATE: "In the task's fate: decided when it is taken on",
    Stage.AFTER: "After the gateway did its part: what becomes of the answer",
    Stage.DELIVERY: "In the delivery of the request",
}


def _stage_table(stage: Stage, heading: str) -> str:
    kinds = (kind for kind in KINDS.values() if kind.stage is stage)
    head = f"### {heading}\n\n| fault | can meet | what happens | options |\n|---|---|---|---|\n"
    return head + "".join(_fault_row(kind) for kind in kinds)


def _fault_row(kind: FaultKind) -> str:
    met = "all" if kind.operations == ANY else ", ".join(kind.operations)
    options = ", ".join(f"`{name}` {_usual(value)}" for name, value in kind.options.items())
    chance = "" if kind.weight else " ◦"
    return f"| `{kind.name}`{chance} | {met} | {kind.about} | {options} |\n"


def _usual(value: object) -> str:
    return "–" if value is None or value == "" else f"`{json.dumps(value)}`"
