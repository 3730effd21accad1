"""The details of a shot on the contact sheet: its text as written and as sent, and how its clip was made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from storyboard.fast_named_tuples import NamedTuple
from storyboard.film.build_facts import BuildFacts
from storyboard.film.free_shots import FreeJob
from storyboard.film.timeline import CutJob
from storyboard.money import exact
from storyboard.source import Span
from storyboard.story.story import Scene, Shot

_MOST_LINES = 60
"""How many lines of the author's text are shown per shot."""


class PromptPiece(NamedTuple):
    """A piece of a prompt, and its source: "" for the shot's own text."""

    text: str
    by: str


def prompt_pieces(shot: Shot, scene: Scene | None) -> tuple[PromptPiece, ...]:
    """Split a prompt by the lines of the story that contributed to it."""
    prompt, parts = shot.prompt, shot.parts
    if parts is None:
        return tuple(_own(prompt, scene))
    own_from = _end_of(prompt, parts.prefix)
    sentence_from = _start_of(prompt, parts.avoided, len(prompt))
    suffix_from = _start_of(prompt, parts.suffix, sentence_from)
    pieces = [PromptPiece(prompt[:own_from], ".prefix"), *_own(prompt[own_from:suffix_from], scene)]
    pieces += [
        PromptPiece(prompt[suffix_from:sentence_from], ".suffix"),
        PromptPiece(prompt[sentence_from:], ".avoid, .negative"),
    ]
    return tuple(piece for piece in pieces if piece.text)


def _own(text: str, scene: Scene | None) -> list[PromptPiece]:
    """Split the shot's own text where it inserts the scene's."""
    filled_in = scene.text if scene else ""
    before, found, after = text.partition(filled_in) if filled_in else (text, "", "")
    pieces = [PromptPiece(before, ""), PromptPiece(found, "scene text"), PromptPiece(after, "")]
    return [piece for piece in pieces if piece.text]


def _end_of(prompt: str, prefix: str) -> int:
    return len(prefix) if prefix and prompt.startswith(prefix) else 0


def _start_of(prompt: str, part: str, end: int) -> int:
    at = prompt.rfind(part, 0, end) if part else -1
    return end if at < 0 else at


def as_written(span: Span) -> str:
    """Return the author's lines of a shot: its header and body."""
    source, line = span.source, span.position.line
    header = source.line_text(line)
    lines, blank = [header], 0
    for number in range(line + 1, len(source.line_starts) + 1):
        text = source.line_text(number)
        if text.strip() and _indent(text) <= _indent(header):
            break
        blank = 0 if text.strip() else blank + 1
        lines.append(text)
        if len(lines) > _MOST_LINES:
            return dedent("\n".join([*lines[:_MOST_LINES], f"{header[: _indent(header)]}…"]))
    return dedent("\n".join(lines[: len(lines) - blank]))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def source_places(shot: Shot, facts: BuildFacts, story: Path) -> tuple[str, ...]:
    """`file:line` of the shot, then of each `use` and `for` that led there."""
    spans = [shot.origin.span, *(link.span for link in shot.origin.chain)]
    return tuple(f"{facts.shown(span.source.path, story)}:{span.position.line}" for span in spans)


def clip_facts(job: CutJob, shot: Shot, facts: BuildFacts) -> Mapping[str, str]:
    """Return how a shot's clip was made, as named texts, in display order."""
    if isinstance(job.job, FreeJob):
        return {"made from": f".{shot.local.kind} {shot.local.file}".strip()} if shot.local else {}
    request = job.job.request
    bought = facts.purchases.get(job.job.content)
    settings = ", ".join(f"{name} {_plain(value)}" for name, value in sorted(request.settings.items()))
    told = {
        "provider": bought.provider if bought else facts.provider,
        "model": request.model,
        "settings": settings,
        "negatives": request.negative,
        "take": str(job.job.take),
        "variant": facts.variant,
        "charged": f"${exact(bought.cost)} for the job" if bought and bought.cost is not None else "",
        "task": (bought.task if bought else None) or "",
    }
    return {name: value for name, value in told.items() if value}


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
