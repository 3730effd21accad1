"""A plan as a comment under a pull request: Markdown for GitHub and GitLab, the same bytes for the same state.

Nothing in it depends on the clock. What an author wrote is escaped, so that it can neither format the comment, nor
mention people, nor link anywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Severity
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.money import dollars
from storyboard.plan import Step
from storyboard.plan.shot_changes import ShotFate
from storyboard.report.frames import count
from storyboard.report.plan import buying, caps, estimate, purchase, reused, word
from storyboard.report.shot_changes import SharedEdit, fates, moved_from, of_this_change, shared_edits
from storyboard.report.style import clean, counted, plain, shown
from storyboard.report.views import AgainstView, PlanPart, PlanView, Purchase
from storyboard.report.word_diff import shortened
from storyboard.store.job_status import Verdict

MARK = "<!-- storyboard plan -->"
"""First line of the comment, by which the next run finds it."""
UNCHANGED = "<!-- storyboard plan, nothing changed -->"
"""First line if no new comment is needed: no shot changed, and the change buys nothing."""
MOST_BYTES = 60_000
"""GitHub takes 65,536 characters."""
_JOBS_BYTES, _FINDINGS_BYTES = 20_000, 10_000
_MOST_NAMED = 5
_UNSAID = (Verdict.CACHED, Verdict.FINISHED, Verdict.RUNNING, Verdict.UNUSED)
"""States that need no decision: such jobs are counted, not listed."""
_IN_ADDRESS = lazy_pattern(r"[<>\s]")
_SPECIAL = lazy_pattern(r"[\\`*_{}\[\]()#+!|~<>&^=:@-]|\$(?!\d)")


def plan_markdown(
    stories: Sequence[PlanView],
    parts: Sequence[PlanPart],
    against: AgainstView | None,
    diagnostics: Sequence[Diagnostic],
    base: Path,
    *,
    page: str | None = None,
) -> str:
    """Return the output of `plan --format markdown`: at most 60 kB. `page` is the address of a page with everything
    that is cut off."""
    counts = count(diagnostics)
    if counts[Severity.ERROR]:
        head = [MARK, f"### {counted(counts[Severity.ERROR], 'error')}: nothing can be planned", ""]
        return "\n".join((*head, *_within(_findings(diagnostics, base), _FINDINGS_BYTES, "more findings"), ""))
    unchanged = against is not None and not against.changes and not against.keys and not against.unreadable
    lines = [UNCHANGED if unchanged else MARK, f"### {_title(parts)}", "", *_bill(parts, against)]
    lines += _within(_jobs(stories, base), _JOBS_BYTES, "more rows")
    end = _end(counts[Severity.WARNING], page)
    if against is not None:
        lines += ["", f"**Shots since `{_code(against.name)}`: {fates(against.changes)}**", ""]
        lines += [f"- {_path(path, base)} had errors then; its shots are not compared" for path in against.unreadable]
        left = MOST_BYTES - len("\n".join((*lines, *end)).encode()) - 100
        lines += _within(_shots(shared_edits(against.changes), base), left, "more changes")
    return "\n".join((*lines, *end, ""))


def _end(warnings: int, page: str | None) -> list[str]:
    said = [f"{counted(warnings, 'warning')}; `storyboard lint` shows them"] if warnings else []
    if page:
        said.append(f"[pictures and the whole plan](<{_IN_ADDRESS.sub('', page)}>)")
    return ["", " · ".join(said)] if said else []


def _title(parts: Sequence[PlanPart]) -> str:
    bought, pays = buying(parts), any(part.pays for part in parts)
    if not bought:
        return "Nothing to buy" if pays else "Nothing to render"
    if not pays:
        return f"{counted(len(bought), 'job')} to render, free"
    return f"To buy: {purchase(bought)}"


def _bill(parts: Sequence[PlanPart], against: AgainstView | None) -> Iterator[str]:
    """Return what has to be bought, how much of it because of this change, and the caps."""
    if against is not None and any(part.pays for part in parts):
        yield from ("| | jobs to buy | seconds | price |", "|---|---:|---:|---:|")
        yield _bill_row("because of this change", of_this_change(against, parts))
        yield _bill_row("altogether", buying(parts))
        yield ""
    for said in (*reused(parts), *plain(caps(parts)).splitlines()):
        yield f"- {_escaped(said.strip())}"


def _bill_row(name: str, bought: Sequence[Purchase]) -> str:
    return f"| {name} | {len(bought)} | {sum(each[1] for each in bought)} s | {dollars(estimate(bought))} |"


def _jobs(stories: Sequence[PlanView], base: Path) -> Iterator[str]:
    """Return a table of the jobs that need attention, and the number of others."""
    for story in stories:
        yield from ("", f"**{_path(story.path, base)}** ({_escaped(story.plan.provider)})")
        told = [step for step in story.plan.steps if step.wanted and step.state not in _UNSAID]
        if told:
            yield from ("", "| job | shots | length | state | price | why |", "|---|---|---:|---|---:|---|")
        yield from (_row(step, story.pays) for step in told)
        rest = Counter(word(step, story.pays) for step in story.plan.steps if step not in told)
        if rest:
            yield from ("", "Not listed: " + ", ".join(f"{rest[state]} {state}" for state in sorted(rest)))


def _row(step: Step, pays: bool) -> str:
    shots = step.job.addresses if step.job else ()
    names = ", ".join(f"`{_code(each)}`" for each in shots[:_MOST_NAMED])
    more = f" and {len(shots) - _MOST_NAMED} more" if len(shots) > _MOST_NAMED else ""
    price = dollars(step.estimate) if pays and step.state is Verdict.BUY else ""
    why = _escaped(step.reason)
    return f"| `{_code(step.id)}` | {names}{more} | {step.seconds} s | {word(step, pays)} | {_escaped(price)} | {why} |"


def _shots(edits: Iterable[SharedEdit], base: Path) -> Iterator[str]:
    """Return a line per shot, or per edit that several shots share."""
    for edit in edits:
        change = edit.first
        place = _path(change.path, base) + _escaped(moved_from(change, base))
        head = f"- {change.fate} `{_code(change.address)}` in {place}"
        if change.fate in (ShotFate.ADDED, ShotFate.GONE):
            tag = "ins" if change.fate is ShotFate.ADDED else "del"
            head += f", {change.seconds.normalize():f} s: <{tag}>{_escaped(change.prompt)}</{tag}>"
        said = [
            f"{field.name}: {''.join(_piece(*piece) for piece in shortened(field.pieces))}" for field in edit.fields
        ]
        if edit.others:
            names = ", ".join(f"`{_code(each.address)}`" for each in edit.others[:_MOST_NAMED])
            more = len(edit.others) - _MOST_NAMED
            said.append(f"the same in {names}{f' and {more} more' if more > 0 else ''}")
        yield "<br>".join((head, *said))


def _piece(kind: str, text: str) -> str:
    tag = {"gone": "del", "new": "ins"}.get(kind)
    return f"<{tag}>{_escaped(text)}</{tag}>" if tag else _escaped(text)


def _findings(diagnostics: Sequence[Diagnostic], base: Path) -> Iterator[str]:
    for each in diagnostics:
        if each.severity is Severity.ERROR:
            place = f"{_path(each.span.source.path, base)}:{each.span.position.line}"
            yield f"- {place}: {each.code} {_escaped(each.message)}"


def _within(lines: Iterable[str], most: int, noun: str) -> list[str]:
    """Return the lines that fit into a number of bytes, and how many do not."""
    kept, left, cut = list[str](), most, 0
    for each in lines:
        left -= len(each.encode()) + 1
        if left >= 0:
            kept.append(each)
        else:
            cut += each.startswith(("|", "-"))
            left = -1
    return [*kept, "", f"… and {cut} {noun}"] if cut else kept


def _path(path: Path, base: Path) -> str:
    return f"`{_code(shown(path, base))}`"


def _code(text: str) -> str:
    """Escape text inside a code span, also in a table."""
    return clean(text).replace("`", "'").replace("|", "¦")


def _escaped(text: str) -> str:
    """Escape text so that it reads as written, on one line. A mention gets a zero-width space."""
    return _SPECIAL.sub(_escape, " ".join(clean(text.replace("\n", " ")).split(" ")))


def _escape(found: re.Match[str]) -> str:
    match found[0]:
        case "@":
            return "@&#8203;"
        case "#":
            return "&#35;&#8203;"
        case "<":
            return "&lt;"
        case ">":
            return "&gt;"
        case "&":
            return "&amp;"
        case mark:
            return f"\\{mark}"
