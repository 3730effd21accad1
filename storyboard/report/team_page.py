"""The page of a team: one HTML file that needs no network, no server and no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from pathlib import Path

from storyboard.files.disk import read_packaged
from storyboard.money import dollars
from storyboard.plan.humanize import ago
from storyboard.report.style import counted
from storyboard.report.team_status import TeamHolder, TeamPerson, TeamView, way_out_of
from storyboard.run.manual_resolution import KEY_SHOWN

MOST_JOBS = 1000
"""How many open jobs a page lists for one team."""
_STYLE = Path(__file__).parent / "team_page.css"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STATES = ("running", "unknown", "lost", "waiting")


def team_page(teams: Sequence[TeamView], now: float) -> str:
    """Return the page of these teams as it is at `now`, in seconds since the epoch."""
    title = " · ".join(team.address for team in teams)
    bodies = "".join(_team(team, now) for team in teams)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="generator" content="storyboard">\n<meta name="referrer" content="no-referrer">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{escape(title)}</title>\n'
        f"<style>{read_packaged(_STYLE)}</style>\n</head>\n<body>\n{bodies}</body>\n</html>\n"
    )


def _team(team: TeamView, now: float) -> str:
    moment = datetime.fromtimestamp(now, UTC)
    written = f'<time datetime="{moment.isoformat(timespec="seconds")}">{moment:%Y-%m-%d %H:%M} UTC</time>'
    return (
        f"<main>\n<header>\n<h1>{escape(team.address)}</h1>\n"
        f'<p class="written">The team\'s {team.record}, as it was at {written}</p>\n'
        f"{_facts(team)}{''.join(_warnings(team))}</header>\n"
        f"{_people(team.people)}{_jobs(team, now)}{_holders(team, now)}{_budgets(team)}</main>\n"
    )


def _facts(team: TeamView) -> str:
    if team.trouble is not None:
        return ""
    counts = {state: sum(job.state == state for job in team.jobs) for state in _STATES[:3]}
    counts["waiting"] = sum(person.waiting for person in team.people)
    facts = [f"<li><b>{team.purchases:,}</b>{'purchase' if team.purchases == 1 else 'purchases'}</li>"]
    facts += [f'<li class="{state}"><b>{count:,}</b>{state}</li>' for state, count in counts.items() if count]
    return f'<ul class="facts">{"".join(facts)}</ul>\n'


def _warnings(team: TeamView) -> Iterator[str]:
    if team.trouble is not None:
        yield _warning("Not reached.", team.trouble.message)
    if team.closed is not None:
        told = ", ".join(team.told) if team.told else "nobody yet"
        silent = f" Who has not: {', '.join(team.not_told)}." if team.not_told else ""
        yield _warning(
            "Closed.", f"Nothing is bought, because {team.closed}. Who has reported what they know: {told}.{silent}"
        )
    for words in team.damaged:
        yield _warning("Damaged.", words)


def _warning(title: str, words: str) -> str:
    return f'<p class="status" role="status"><b>{title}</b> {escape(words)}</p>\n'


def _people(people: Sequence[TeamPerson]) -> str:
    busy = [(each, _counts(each)) for each in people if any(_counts(each).values())]
    most = max((sum(counts.values()) for _, counts in busy), default=1)
    rows = [
        (
            _cell(each.name, "name"),
            f'<td class="bars">{_bar(counts, most)}</td>',
            *(_cell(str(counts[state] or ""), "number") for state in _STATES),
        )
        for each, counts in busy
    ]
    return _section("People", ("", "", *(f"{state}|>" for state in _STATES)), rows)


def _counts(person: TeamPerson) -> dict[str, int]:
    numbers = (person.running, person.unknown, person.lost, person.waiting)
    return dict(zip(_STATES, numbers, strict=True))


def _jobs(team: TeamView, now: float) -> str:
    jobs = team.jobs
    rows = [
        (
            f'<td class="code" title="{escape(job.key)}">{escape(job.key[:KEY_SHOWN])}</td>',
            f"<td>{_state(job.state)}</td>",
            f"<td>{escape(job.story)}<small>{escape(job.project)}</small></td>",
            _cell(job.by, "", f"may still be sent by {', '.join(job.may_send)}" if job.may_send else ""),
            _time(job.since, now),
            _cell(dollars(job.reserved) if job.reserved is not None else "", "number"),
        )
        for job in jobs[:MOST_JOBS]
    ]
    more = len(jobs) - len(rows)
    notes = [f"{counted(more, 'more job')}: storyboard status --all --json lists all."] if more > 0 else []
    if any(job.state == "unknown" for job in jobs):
        notes.append(
            "An unknown job was sent, or may have been, and nobody has heard of it. If its machine is off for good: "
            f"{way_out_of(team)}."
        )
    return _section("Open jobs", ("key", "state", "story", "by", "since", "reserved>"), rows, notes)


def _holders(team: TeamView, now: float) -> str:
    is_bucket = team.record == "bucket"
    rows = [tuple(_holder(each, now)) for each in team.holders]
    titles = ("", "" if is_bucket else "person", "state", "wrote" if is_bucket else "spoke", "storyboard", "may send>")
    return _section("Machines" if is_bucket else "Processes", titles, rows)


def _holder(holder: TeamHolder, now: float) -> Iterator[str]:
    yield _cell(holder.name, "name")
    yield _cell(holder.person)
    yield f"<td>{'' if holder.state == 'not known' else _state(holder.state)}</td>"
    yield _time(holder.spoke_at, now)
    yield _cell(holder.version, "code")
    yield _cell(str(holder.may_send or ""), "number")


def _budgets(team: TeamView) -> str:
    most = max((each.spent + each.reserved for each in team.budgets), default=Decimal(1)) or Decimal(1)
    rows = [
        (
            _cell(each.project, "name"),
            f'<td class="bars">{_bar({"spent": each.spent, "reserved": each.reserved}, most)}</td>',
            _cell(dollars(each.spent), "number"),
            _cell(dollars(each.reserved) if each.reserved else "", "number"),
        )
        for each in team.budgets
    ]
    return _section("Budgets", ("", "", "spent|>", "reserved|>"), rows)


def _section(title: str, titles: Iterable[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> str:
    """Return a table under a heading, "" without rows. A title that ends with `>` is a column of numbers; one that ends
    with `|>` also shows the colour of its bars."""
    if not rows:
        return ""
    head = "".join(map(_title, titles))
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    said = "".join(f'<p class="note">{escape(words)}</p>\n' for words in notes)
    return (
        f"<section>\n<h2>{title}<small>{len(rows):,}</small></h2>\n"
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>\n'
        f"{said}</section>\n"
    )


def _title(title: str) -> str:
    words = title.rstrip("|>")
    key = f'<i class="key {words}"></i>' if title.endswith("|>") else ""
    return f'<th scope="col"{" class=number" if title.endswith(">") else ""}>{key}{escape(words)}</th>'


def _cell(text: str, kind: str = "", below: str = "") -> str:
    small = f"<small>{escape(below)}</small>" if below else ""
    return f"<td{f' class={kind}' if kind else ''}>{escape(text)}{small}</td>"


def _state(state: str) -> str:
    return f'<span class="state {state.replace(" ", "-")}">{state}</span>'


def _time(moment: float, now: float) -> str:
    exactly = datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
    return f'<td class="time"><time datetime="{exactly}" title="{exactly}">{ago(now - moment)}</time></td>'


def _bar(parts: dict[str, int] | dict[str, Decimal], most: int | Decimal) -> str:
    pieces = "".join(
        f'<i class="{name}" style="width:{100 * float(size) / float(most):.2f}%"></i>'
        for name, size in parts.items()
        if size
    )
    return f'<div class="bar" aria-hidden="true">{pieces}</div>'
