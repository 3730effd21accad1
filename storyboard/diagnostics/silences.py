"""Comments that silence a warning or a hint: `# ok SB140: the reason`, on a line of its own above what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from storyboard.diagnostics.diagnostic import Diagnostic, Edit, Fix, Severity
from storyboard.diagnostics.rules import RULES
from storyboard.diagnostics.rules.advice import SILENCES_NOTHING
from storyboard.diagnostics.suggest import did_you_mean
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span

_COMMENT = lazy_pattern(
    r"^[ \t]*(#[ \t]*ok[ \t]+(SB\d{1,4}(?:[ \t]*,[ \t]*SB\d{1,4}|[ \t]+SB\d{1,4})*)[ \t]*(?::[ \t]*([^\r\n]*))?)",
    re.MULTILINE,
)
_CODE = lazy_pattern(r"SB\d+")


class Silence(NamedTuple):
    """A comment that silences `codes` in a stretch: the next line that is not a comment, and all that is indented under
    it. `reason` is "" if none is given; then it silences nothing."""

    span: Span
    codes: tuple[str, ...]
    reason: str
    start: int
    end: int

    def covers(self, found: Diagnostic) -> bool:
        """Whether a finding is one that it silences. Errors are never silenced."""
        return (
            bool(self.reason)
            and found.severity is not Severity.ERROR
            and found.code in self.codes
            and found.span.source.path == self.span.source.path
            and self.start <= found.span.start < self.end
        )


def silences_of(source: Source) -> tuple[Silence, ...]:
    """Return the silencing comments of a text, in order."""
    return tuple(_silences(source)) if "ok" in source.text and "SB" in source.text else ()


def without_silenced(
    found: Iterable[Diagnostic], own: Source | None, judged: frozenset[str] | None = None
) -> tuple[Diagnostic, ...]:
    """Return findings without silenced ones, plus a hint for each comment in `own` that silences nothing. `judged` are
    codes that the project made errors, which comments cannot silence.
    """
    given = tuple(found)
    sources = {each.span.source.path: each.span.source for each in given}
    if own is not None:
        sources[own.path] = own
    silences = {path: silences_of(source) for path, source in sources.items()}
    kept: list[Diagnostic] = []
    used: set[tuple[Span, str]] = set()
    for each in given:
        covering = [silence for silence in silences[each.span.source.path] if silence.covers(each)]
        if covering:
            used.update((silence.span, each.code) for silence in covering)
        else:
            kept.append(each)
    if own is not None:
        kept += (hint for silence in silences[own.path] for hint in _unused(silence, used, judged or frozenset()))
    return tuple(kept)


def _silences(source: Source) -> Iterator[Silence]:
    text = source.text
    for match in _COMMENT.finditer(text):
        start, end = _below(text, match.end())
        yield Silence(
            Span(source, match.start(1), match.end(1)),
            tuple(dict.fromkeys(_CODE.findall(match[2]))),
            (match[3] or "").strip(),
            start,
            end,
        )


def _below(text: str, after: int) -> tuple[int, int]:
    """Return the next line that is neither blank nor a comment, with all deeper indented lines under it."""
    start = end = 0
    depth = -1
    at = text.find("\n", after) + 1
    while 0 < at < len(text):
        following = text.find("\n", at) + 1 or len(text)
        line = text[at:following]
        shown = line.strip()
        indent = len(line) - len(line.lstrip(" \t"))
        if depth < 0:
            if shown and not shown.startswith("#"):
                start, end, depth = at, following, indent
        elif shown and indent <= depth:
            break
        else:
            end = following
        if following == len(text):
            break
        at = following
    return start, end


def _unused(silence: Silence, used: set[tuple[Span, str]], judged: frozenset[str]) -> Iterator[Diagnostic]:
    useless = [code for code in silence.codes if (silence.span, code) not in used]
    if not useless:
        return
    if not silence.reason:
        message, help_ = "this comment gives no reason and silences nothing", f"say why: `# ok {silence.codes[0]}: …`"
        yield SILENCES_NOTHING.at(silence.span, message, help=help_)
        return
    for code in useless:
        yield SILENCES_NOTHING.at(silence.span, *_why(code, judged), fix=_removal(silence, useless))


def _why(code: str, judged: frozenset[str]) -> tuple[str]:
    rule = RULES.get(code)
    if rule is None:
        guess = did_you_mean(code, RULES)
        return (f"there is no code `{code}`{f'; {guess}' if guess else ''}",)
    if rule.severity is Severity.ERROR or code in judged:
        return (f"`{code}` is an error, and errors are never silenced",)
    return (f"nothing here breaks `{code}`",)


def _removal(silence: Silence, useless: Sequence[str]) -> Fix:
    """Remove the useless codes from the comment, or the whole line if no other is left."""
    source, kept = silence.span.source, [code for code in silence.codes if code not in useless]
    if kept:
        return Fix("keep the codes that are needed", (Edit(silence.span, f"# ok {', '.join(kept)}: {silence.reason}"),))
    start = source.text.rfind("\n", 0, silence.span.start) + 1
    end = source.text.find("\n", silence.span.end) + 1 or len(source.text)
    return Fix("remove the comment", (Edit(Span(source, start, end), ""),))
