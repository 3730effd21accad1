"""Hover texts: a shot's whole prompt, the declaration of a name, what a setting takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.cards.model_card import ModelCard, ParameterRule
from storyboard.cards.values import expected
from storyboard.files.disk import is_file
from storyboard.lsp.hints import is_bought, jobs_by_address, limit_of, price_of
from storyboard.lsp.live_check import LiveReport
from storyboard.lsp.names import place_at
from storyboard.lsp.outline import OutlineBlock, all_blocks, blocks_around
from storyboard.money import dollars
from storyboard.project.discovery import BUILD
from storyboard.report.style import counted
from storyboard.source import Source, Span
from storyboard.story.check import Expanded, expand_at
from storyboard.syntax.keywords import FORMS
from storyboard.syntax.tree import Body, SceneDecl, Setting, ShotDecl, StoryDecl, Unit

LANGUAGE_SETTINGS = {
    "model": "the model that renders the shots",
    "negative": "what must not be seen; `+ …` adds to what is inherited, `none` clears it",
    "avoid": "what must not be seen in this shot, written into its prompt",
    "negatives": "where negatives go: `field`, `inline` or `both`",
    "prefix": "text before every prompt; `+ …` adds to what is inherited",
    "suffix": "text after every prompt; `+ …` adds to what is inherited",
    "pack": "`auto` packs shots into jobs, `shot` gives each a job of its own",
    "take": "which take of the shot's job is used",
    "budget": "what the film may cost: `12 USD`",
    "say": "words that are spoken in the shot: `Mei: We are late.`",
    "caption": "words shown below the picture",
    "note": "a note for the crew; it is sent nowhere",
    "clip": "footage to use instead of buying the shot",
    "still": "a picture to use instead of buying the shot",
    "card": "a title card instead of a bought shot",
    "cut": "the part of the shot that the film uses: `1s..4s`",
    "transition": "how the shot or scene begins: `cut`, `fade 0.5s` or `dissolve 0.5s`",
    "language": "the language of the film's words: `en`, `zh`, `pt-BR`",
    "music": "music under the film: `theme.mp3 from 0:30 -12dB`",
}
"""The purpose of each setting of the language."""

_MOST_SHOWN = 3
"""How many shots of one line are shown in full; a loop can make hundreds."""
_LONGEST_SOURCE = 1200
"""Longest declaration that is shown, in characters."""


def hover_text(report: LiveReport, offset: int) -> tuple[str, Span] | None:
    """Return Markdown about the text at an offset, and the range that it applies to."""
    unit = report.unit
    if unit is None:
        return None
    place = place_at(unit, offset)
    around = blocks_around(unit.file, offset)
    shot = next((block for block in around if isinstance(block.statement, ShotDecl)), None)
    if place is not None and (shot is None or place.span != place.declared):
        return _declaration(place.declared, unit), place.span
    if around and (setting := _setting_at(around[0], offset)) is not None:
        return _setting(report, setting), setting.name.span
    if around and (model := _model_at(report, around[0], offset)) is not None:
        return model
    if shot is not None:
        return _shot(report, shot), shot.statement.span
    return _keyword(around[0], offset) if around else None


def _declaration(declared: Span, unit: Unit) -> str:
    """Return a declaration as written, and its file."""
    source = declared.source
    text = next((text for file in _files(unit) if (text := _block_text(file, declared)) is not None), None)
    shown = text if text is not None else source.line_text(declared.position.line)
    cut = shown if len(shown) <= _LONGEST_SOURCE else shown[:_LONGEST_SOURCE] + "…"
    where = "" if source is unit.file.source else f"\n\n{source.path.name}:{declared.position.line}"
    return f"{_fenced(cut, 'story')}{where}"


def _files(unit: Unit) -> Iterator[Unit]:
    seen: set[int] = set()
    todo = [unit]
    while todo:
        current = todo.pop()
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            todo.extend(other for _, other in current.imports)


def _block_text(unit: Unit, declared: Span) -> str | None:
    if unit.file.source is not declared.source:
        return None
    around = blocks_around(unit.file, declared.start)
    return declared.source.text[around[0].start : around[0].end] if around else None


def _shot(report: LiveReport, block: OutlineBlock) -> str:
    if report.unit is None or report.project is None:
        return ""
    found = expand_at(report.unit, report.project.catalog, block.statement.span)
    parts = [_expanded(report, each) for each in found[:_MOST_SHOWN]]
    if len(found) > _MOST_SHOWN:
        parts.append(f"and {counted(len(found) - _MOST_SHOWN, 'more shot')} of this line")
    return "\n\n---\n\n".join(parts) or "no `use` in this story makes a shot of this line"


def _expanded(report: LiveReport, found: Expanded) -> str:
    shot = found.shot
    card = report.project.catalog.get(shot.model) if report.project else None
    job = jobs_by_address(report).get(shot.address)
    lines = [f"**{shot.address}** · {shot.seconds.normalize():f} s"]
    if shot.local is not None:
        return "\n\n".join([*lines, f"not bought: `.{shot.local.kind}`"])
    if shot.prompt:
        lines.append(_fenced(shot.prompt))
    if card is not None and shot.prompt:
        limit = limit_of(card, shot, job)
        lines.append(f"{len(shot.prompt)} of {limit} characters ({card.name})")
        lines.append("\n".join(f"- {share.length} {_code(share.what)}" for share in found.shares))
    if shot.negative.joined:
        lines.append(f"negative: {_code(shot.negative.joined)}")
    if job is not None and card is not None and report.story is not None:
        price = price_of([job], {card.name: card})
        state = "bought" if is_bought(job, report.story.lock) else "to buy"
        cost = f" · {dollars(price)}" if price is not None else ""
        lines.append(f"job {job.id} · {counted(len(job.shots), 'shot')} · {job.seconds} s{cost} · {state}")
    lines.append(_picture(report, shot.address))
    return "\n\n".join(line for line in lines if line)


def _picture(report: LiveReport, address: str) -> str:
    """Return the shot's picture from the last contact sheet; "" if nothing was built."""
    story = report.story
    sheet = story.path.parent / BUILD / story.name / "index.html" if story else None
    if sheet is None or not is_file(sheet):
        return ""
    from storyboard.film.thumbnails import picture_of  # brings the room of films: only where one was built

    picture = picture_of(sheet, address)
    return f"![as it was built last](data:image/jpeg;base64,{picture})" if picture else ""


def _settings_of(block: OutlineBlock) -> Sequence[Setting]:
    body = getattr(block.statement, "body", None)
    return body.settings if isinstance(body, Body) else ()


def _setting_at(block: OutlineBlock, offset: int) -> Setting | None:
    return next((each for each in _settings_of(block) if each.name.span.start <= offset <= each.name.span.end), None)


def _model_at(report: LiveReport, block: OutlineBlock, offset: int) -> tuple[str, Span] | None:
    """Return the limits, settings and prices of the model that a line chooses, and the rest of that line."""
    chosen = (each for each in _settings_of(block) if each.name.text == "model")
    line = next((each for each in chosen if each.name.span.end < offset <= each.span.end), None)
    card = report.project.catalog.get(line.value.raw.strip()) if line and report.project else None
    if line is None or card is None:
        return None
    from storyboard.report.models import card_page  # brings tables: only where a model is looked at
    from storyboard.report.style import plain

    return _fenced(plain(card_page(card)).rstrip()), line.span._replace(start=line.name.span.end + 1)


def _setting(report: LiveReport, setting: Setting) -> str:
    name = setting.name.text
    if name in LANGUAGE_SETTINGS:
        return f"`.{name}`: {LANGUAGE_SETTINGS[name]}"
    rules = [(card, card.parameters[name]) for card in cards_in_use(report) if name in card.parameters]
    return "\n\n".join(f"{_parameter(rule)} ({card.name})" for card, rule in rules) or f"`.{name}`"


def _parameter(rule: ParameterRule) -> str:
    default = f"; {rule.default} unless it is set" if rule.default is not None else ""
    return f"`.{rule.name}` takes {expected(rule)}{default}"


def cards_in_use(report: LiveReport) -> list[ModelCard]:
    """Return the models that a file names; all models if it names none."""
    if report.project is None:
        return []
    catalog = report.project.catalog
    named = [name for name in catalog if report.file is not None and name in _models_named(report)]
    return [catalog[name] for name in named or catalog]


def _models_named(report: LiveReport) -> set[str]:
    if report.file is None:
        return set()
    bodies = (
        block.statement.body
        for block in all_blocks(report.file)
        if isinstance(block.statement, StoryDecl | SceneDecl | ShotDecl)
    )
    return {each.value.raw.strip() for body in bodies for each in body.settings if each.name.text == "model"}


def _keyword(block: OutlineBlock, offset: int) -> tuple[str, Span] | None:
    source: Source = block.statement.span.source
    word = source.text[block.start : block.statement.span.end].split(maxsplit=1)[0]
    form = FORMS.get(word)
    if form is None or offset > block.start + len(word):
        return None
    return _fenced(form.example, "story"), Span(source, block.start, block.start + len(word))


def _fenced(text: str, language: str = "text") -> str:
    """Return a code block, with a longer fence if the text contains one."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _code(text: str) -> str:
    return f"`{text}`" if "`" not in text else f"`` {text} ``"
