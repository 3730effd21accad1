"""Read settings body by body, from the outside in, and check them against the model's card."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from storyboard.cards.model_card import Catalog, ModelCard, ParameterRule
from storyboard.cards.values import SWITCH, ValueRefusal, either, read_value, unquoted
from storyboard.cards.vendor_words import settings_by_other_names, written_by_storyboard
from storyboard.diagnostics import Diagnostic, Edit, Fix, Related, Rule
from storyboard.diagnostics.limits import LONGEST_TEXT
from storyboard.diagnostics.rules.advice import DOUBLE_NEGATIVE, LOOK_REPLACED, NEGATIVE_TWICE, SIGN_WITHOUT_SPACE
from storyboard.diagnostics.rules.film import TWO_SOURCES
from storyboard.diagnostics.rules.limits import (
    COMPILER_WRITES,
    DUPLICATE_NEGATIVES,
    NOT_A_NEGATIVE,
    SAME_AS_INHERITED,
    SETTING_PLACE,
    SETTING_VALUE,
    UNKNOWN_MODEL,
    UNKNOWN_SETTING,
)
from storyboard.diagnostics.rules.text import TOO_LONG
from storyboard.diagnostics.suggest import is_one_slip, suggest
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Span
from storyboard.story.effective_settings import NOTHING_OWN, EffectiveSettings, Level, Own, SettingLine
from storyboard.story.evaluate import Evaluator, Stop
from storyboard.story.findings import chain
from storyboard.story.negatives import cut, fold, read_line, says_no
from storyboard.story.prompt_layout import join_lines
from storyboard.story.scope import Scope
from storyboard.story.setting_words import TEXT_SETTINGS, setting_for
from storyboard.story.story import LocalSource, WordsBeside
from storyboard.syntax.tree import Setting, Text

_ONLY_IN: Mapping[str, tuple[Level, ...]] = {
    "avoid": ("shot",),
    "take": ("shot",),
    "budget": ("story",),
    "say": ("shot",),
    "caption": ("shot",),
    "clip": ("shot",),
    "still": ("shot",),
    "card": ("shot",),
    "cut": ("shot",),
    "transition": ("shot", "scene"),
    "music": ("story",),
    "language": ("story",),
}
"""Settings that are allowed only at certain levels; all others are allowed everywhere."""

_LOCAL = ("clip", "still", "card")
NOT_FOR_A_MODEL = ("say", "caption", "note", "clip", "still", "card", "cut", "transition", "music", "language")
"""Settings about the film rather than the model: they change nothing that is bought."""

LANGUAGE = ("model", "negative", "avoid", "negatives", "prefix", "suffix", "pack", "take", "budget", *NOT_FOR_A_MODEL)
"""Settings of the language itself."""

MOST_COMPARED = 1000
"""How many negatives are compared to find a misspelt one."""

_LOOSE_BUDGET = lazy_pattern(
    r"(?:USD|US\$|\$)?[ \t]*([0-9]{1,12}(?:\.[0-9]{1,6})?)[ \t]*(?:USD|US\$|\$|dollars?)?", re.IGNORECASE
)
_BUDGET = lazy_pattern(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)[ \t]+USD")
_ADDED = lazy_pattern(r"\+[ \t]+(?=\S)")
_TAKE = lazy_pattern(r"[1-9][0-9]{0,8}")


def may_stand_at(name: str, level: str) -> bool:
    """Whether a setting is allowed in the body of a `story`, `scene` or `shot`."""
    return name not in _ONLY_IN or level in _ONLY_IN[name]


class Looks:
    """Reads the settings of bodies, one after another."""

    def __init__(self, evaluator: Evaluator, catalog: Catalog) -> None:
        self.evaluator = evaluator
        self.findings = evaluator.findings
        self.catalog = catalog
        self._repeats: dict[tuple[int, int], Diagnostic | None] = {}
        self._rules = {name: card.parameters for name, card in catalog.items()}

    def read(
        self, settings: Sequence[Setting], level: Level, outer: EffectiveSettings, scope: Scope
    ) -> tuple[EffectiveSettings, Own]:
        """Return the settings that apply inside a body, given those around it."""
        if not settings:
            return outer, NOTHING_OWN
        body = _Body(self, level, outer, scope)
        for setting in sorted(settings, key=_model_first):
            body.take_in(setting)
        return body.look, body.own

    def rules(self, card: ModelCard | None) -> Mapping[str, ParameterRule]:
        """Return the parameters of a model by the names that a story uses."""
        return self._rules[card.name] if card else {}

    def repeated(self) -> tuple[Diagnostic, ...]:
        """Hints about settings that repeat an inherited value, once each."""
        return tuple(hint for hint in self._repeats.values() if hint is not None)

    def note_repeat(self, line: SettingLine, name: str, *, same: bool) -> None:
        """Record whether a setting repeats the inherited value; it is reported only if it always does."""
        key = (id(line.span.source), line.span.start)
        if not same:
            self._repeats[key] = None
        elif key not in self._repeats:
            message = f"`.{name} {line.text}` is already inherited"
            whole = _whole_line(line.span)
            fix = Fix("remove the line", (Edit(whole, ""),))
            self._repeats[key] = SAME_AS_INHERITED.at(line.span, message, fix=fix)


def _model_first(setting: Setting) -> int:
    """Sort settings so that the model, which decides how others are read, comes first."""
    return 1 if setting.name.text == "model" else 0 if setting.name.text in _LOCAL else 2


class _Body:
    """Reads the settings of one body."""

    def __init__(self, looks: Looks, level: Level, outer: EffectiveSettings, scope: Scope) -> None:
        self.looks = looks
        self.level = level
        self.outer = outer
        self.scope = scope
        self.changes: dict[str, Any] = {}
        self.own_changes: dict[str, Any] = {}
        self.sets_negative = False

    @property
    def look(self) -> EffectiveSettings:
        """The settings that apply inside the body, as far as it is read."""
        return self.outer._replace(**self.changes) if self.changes else self.outer

    @property
    def own(self) -> Own:
        """The settings that apply to the body alone, as far as it is read."""
        return NOTHING_OWN._replace(**self.own_changes) if self.own_changes else NOTHING_OWN

    def now(self, name: str) -> Any:
        """One setting that applies inside the body, as far as it is read."""
        return self.changes[name] if name in self.changes else getattr(self.outer, name)

    @property
    def card(self) -> ModelCard | None:
        return self.looks.catalog.get(self.now("model"))

    def take_in(self, setting: Setting) -> None:
        name = setting.name.text
        if "local" in self.own_changes and name not in NOT_FOR_A_MODEL:
            return  # told once, by a check of its own
        if not may_stand_at(name, self.level):
            levels = " or ".join(_ONLY_IN[name])
            help_ = "write it in the story" if levels == "story" else f"write it in each {levels} that needs it"
            message = f"`.{name}` belongs to a {levels}, not to a {self.level}"
            self.tell(SETTING_PLACE, setting.span, message, help_)
        elif name in _READERS:
            _READERS[name](self, setting)
        else:
            self.parameter(setting)

    def tell(
        self,
        rule: Rule,
        span: Span,
        message: str,
        advice: str | None = None,
        fix: Fix | None = None,
        *,
        harm: bool = True,
    ) -> None:
        related = chain(self.scope.step)
        self.looks.findings.add(rule.at(span, message, help=advice, fix=fix, related=related))
        if harm:
            self.harm()

    def harm(self) -> None:
        """Record that an error may have changed the settings here. At the story it affects all shots alike, so no
        follow-up errors arise."""
        if self.level != "story":
            self.changes["damaged"] = True

    def change(self, **changes: Any) -> None:
        self.changes |= changes

    def filled(self, setting: Setting, raw: Text | None = None) -> SettingLine | None:
        """Return the value with names replaced, and its line; None, with the look marked as damaged, if that was an
        error."""
        text = self.looks.evaluator.fill(raw or setting.value, self.scope)
        if text is None:
            self.harm()
            return None
        if len(text) > LONGEST_TEXT:
            message = f"`.{setting.name.text}` is {len(text):,} characters; the limit is {LONGEST_TEXT:,}"
            self.tell(TOO_LONG, setting.span, message)
            return None
        return SettingLine(text, setting.span, self.level, setting.value.whole)

    def wanted(self, setting: Setting, line: SettingLine, expected: str, near: str | None = None) -> None:
        """Report that a setting does not take this value."""
        name = setting.name.text
        what = f"`.{name}` takes {expected}"
        message = f"{what}, not `{line.text}`" if line.text else f"{what}; the value is missing"
        is_plain = near is not None and setting.value.raw == line.text
        is_sure = near is not None and (unquoted(line.text) == near or near in SWITCH or is_one_slip(line.text, near))
        fix = Fix(f"write `{near}`", (Edit(line.value, near),), is_sure) if near and is_plain else None
        self.tell(SETTING_VALUE, setting.span, message, f"did you mean `{near}`?" if near else None, fix)

    def note(self, setting: Setting, line: SettingLine, before: SettingLine | None, *, same: bool) -> None:
        self.looks.note_repeat(line, setting.name.text, same=same and before is not None and before.level != self.level)

    def model(self, setting: Setting) -> None:
        line = self.filled(setting)
        if line is None:
            return
        catalog = self.looks.catalog
        if line.text not in catalog:
            bare = unquoted(line.text)
            near = bare if bare in catalog else suggest(bare, catalog)
            is_plain = near is not None and setting.value.raw == line.text
            is_sure = near is not None and (bare == near or is_one_slip(line.text, near))
            fix = Fix(f"write `{near}`", (Edit(line.value, near),), is_sure) if near and is_plain else None
            help_ = f"did you mean `{near}`?" if near else "`storyboard models` lists all models"
            message = f"there is no model `{line.text}`" if line.text else "`.model` names no model"
            self.change(model="", model_line=line)
            self.tell(UNKNOWN_MODEL, setting.span, message, help_, fix)
            return
        self.note(setting, line, self.outer.model_line, same=line.text == self.outer.model)
        changed = line.text != self.now("model")
        self.change(model=line.text, model_line=line)
        if changed:
            self.change(parameters={})
            for name, written in self.now("written").items():
                self.inherited(name, written)

    def inherited(self, name: str, line: SettingLine) -> None:
        """Read an inherited parameter again, for the model that is named here."""
        card = self.card
        rule = self.looks.rules(card).get(name)
        if card is None:
            return
        value = read_value(rule, line.text) if rule else None
        if rule is None or isinstance(value, ValueRefusal):
            what = "has no such parameter" if rule is None else f"takes {value.expected}"  # type: ignore[union-attr]
            model = self.now("model_line")
            related = (Related(f"`{card.name}` is named here", model.span),) if model else ()
            message = f"`.{name} {line.text}` also applies to {card.name}, which {what}"
            help_ = "write it only in scenes whose model accepts it"
            rule_ = UNKNOWN_SETTING if rule is None else SETTING_VALUE
            self.looks.findings.add(rule_.at(line.span, message, help=help_, related=related))
            self.harm()
        else:
            self.change(parameters={**self.now("parameters"), rule.name: value})

    def parameter(self, setting: Setting) -> None:
        name = setting.name.text
        card = self.card
        rule = self.looks.rules(card).get(name)
        if rule is None and (card is not None or not self.is_anywhere(name)):
            self.unknown(setting, card)
            return
        line = self.filled(setting)
        if line is None:
            return
        self.change(written={**self.now("written"), name: line})
        if rule is None:
            return
        value = read_value(rule, line.text)
        if isinstance(value, ValueRefusal):
            self.wanted(setting, line, value.expected, value.nearest)
            return
        before = self.outer.written.get(name)
        same = rule.name in self.outer.parameters and self.outer.parameters[rule.name] == value
        self.note(setting, line, before, same=same)
        self.change(parameters={**self.now("parameters"), rule.name: value})

    def is_anywhere(self, name: str) -> bool:
        return any(name in card.parameters for card in self.looks.catalog.values())

    def unknown(self, setting: Setting, card: ModelCard | None) -> None:
        name = setting.name.text
        instead = written_by_storyboard().get(name)
        if instead is not None:
            self.owned(setting, instead)
            return
        cards = [card] if card else list(self.looks.catalog.values())
        right = settings_by_other_names().get(name)
        if right is not None and any(right in each.parameters for each in cards):
            self.renamed(setting, right)
            return
        known = [word for word in LANGUAGE if may_stand_at(word, self.level)]
        words = [*known, *(word for each in cards for word in each.parameters)]
        meant = _TRANSLATED.get(name) or setting_for(name)
        meant = meant if meant in words else None
        near = meant or suggest(name, words) or _whole_of(name, words)
        fix = None
        if near is not None:
            is_safe = (near == meant and near != "music") or is_one_slip(name, near)
            fix = Fix(f"write `.{near}`", (Edit(setting.name.span, f".{near}"),), is_safe)
        others = [each.name for each in self.looks.catalog.values() if name in each.parameters]
        message = f"no model has a setting `.{name}`" if card is None else f"{card.name} has no parameter `{name}`"
        help_ = f"did you mean `.{near}`?" if near else _OTHER_WORDS.get(name)
        if others and card:
            help_ = f"it is one of {either([f'`{other}`' for other in others[:4]])}"
        self.tell(UNKNOWN_SETTING, setting.span, message, help_, None if others and card else fix)
        if near == "model":
            self.change(model_line=SettingLine(setting.value.raw, setting.span, self.level, setting.value.whole))

    def renamed(self, setting: Setting, right: str) -> None:
        name, raw = setting.name.text, setting.value.raw
        words = {"true": "on", "false": "off", "on": "on", "off": "off"}
        word = next((words[each] for each in re.findall(r"\w+", raw) if each in words), None)
        fix = Fix(f"write `.{right} {word}`", (Edit(setting.span, f".{right} {word}"),), safe=True) if word else None
        message = f"storyboard fills in `{name}` itself"
        self.tell(COMPILER_WRITES, setting.span, message, f"write `.{right} on` or `.{right} off`", fix)

    def owned(self, setting: Setting, instead: str) -> None:
        """Report that storyboard writes this field of the API itself; the fix is the setting that means the same."""
        same = re.match(r"write `(\.\w+)`", instead)
        fix = Fix(f"write `{same[1]}`", (Edit(setting.name.span, same[1]),), safe=True) if same else None
        message = f"storyboard fills in `{setting.name.text}` itself"
        self.tell(COMPILER_WRITES, setting.span, message, instead, fix, harm=False)

    def negative(self, setting: Setting) -> None:
        if self.is_mistaken(setting):
            return
        reading = read_line(setting.value.raw)
        rest = _behind(setting.value, reading.items_from)
        line = (
            self.filled(setting, rest)
            if reading.does != "clear"
            else SettingLine("none", setting.span, self.level, rest.whole)
        )
        if line is None:
            return
        items = cut(line.text) if reading.does != "clear" else []
        had = list(self.now("negative"))
        try:
            self.looks.evaluator.spend(setting.span, self.scope, values=len(items) + len(had))
        except Stop:
            return
        if not items and (reading.does in ("add", "remove") or not setting.value.raw.strip()):
            self.nothing_listed(setting)
            return
        self.double_negatives(setting, items if reading.does != "remove" else ())
        match reading.does:
            case "remove":
                self.not_there(setting, items, had)
                gone = set(items)
                self.change(negative=tuple(item for item in had if item not in gone))
            case "add":
                self.duplicates(setting, items, had)
                self.change(negative=fold(had + items))
            case _:
                if reading.does == "set" and self.sets_negative:
                    fix = Fix(
                        "write `.negative +`",
                        (Edit(Span(setting.span.source, setting.value.offset(0), setting.value.offset(0)), "+ "),),
                    )
                    message = "this `.negative` would replace the one above"
                    self.tell(NEGATIVE_TWICE, setting.span, message, "write `.negative + …` to add to it", fix)
                    return
                self.sets_negative = reading.does == "set"
                self.duplicates(setting, items, [])
                self.change(negative=fold(items))
        if reading.does in ("set", "add") and items:
            self.change(negative_line=line)
        if reading.does in ("set", "clear"):
            same = self.now("negative") == self.outer.negative
            self.note(setting, line, self.outer.negative_line, same=same and "negative_line" not in self.own_changes)
        self.own_changes["negative_line"] = line

    def double_negatives(self, setting: Setting, items: Sequence[str]) -> None:
        for item in items:
            word = says_no(item)
            at = setting.value.raw.find(item)
            if not word or at < 0:
                continue
            span = setting.value.span(at, at + len(item))
            fix = Fix(f"write `{item[len(word) :]}`", (Edit(setting.value.span(at, at + len(word)), ""),))
            message = f"`{item}` is negated twice: the sentence made from it already says no"
            self.tell(DOUBLE_NEGATIVE, span, message, f"write `{item[len(word) :]}`", fix, harm=False)

    def is_mistaken(self, setting: Setting) -> bool:
        """Report a sign that would be sent as a word, as in `+people` and `none, crowds`; return whether there is
        one."""
        from storyboard.story.list_mistakes import mistaken_sign

        value = setting.value
        mistake = mistaken_sign(setting.name.text, value.raw)
        if mistake is None:
            return False
        fix = None
        if mistake.right is not None:
            edit = Edit(value.span(mistake.start, mistake.end), mistake.right)
            fix = Fix(mistake.help, (edit,), safe=True)
        self.tell(SIGN_WITHOUT_SPACE, setting.span, mistake.message, mistake.help, fix)
        return True

    def nothing_listed(self, setting: Setting) -> None:
        help_ = "write `.negative none` to clear the shared negatives"
        if not setting.value.raw.strip(" \t+-"):
            self.tell(SETTING_VALUE, setting.span, "`.negative` takes a list of words; the value is missing", help_)

    def not_there(self, setting: Setting, items: Sequence[str], had: Sequence[str]) -> None:
        there = set(had)
        missing = [item for item in dict.fromkeys(items) if item not in there]
        if missing:
            near = suggest(missing[0], had[:MOST_COMPARED])
            listed = either([f"`{each}`" for each in had[:6]]) if had else ""
            help_ = f"did you mean `{near}`?" if near else listed and f"there is {listed}"
            verb = "is" if len(missing) == 1 else "are"
            message = f"{_listed(missing)} {verb} not among the shared negatives"
            self.tell(NOT_A_NEGATIVE, setting.span, message, help_ or "the list is empty here")

    def duplicates(self, setting: Setting, items: Sequence[str], had: Sequence[str]) -> None:
        seen = set(had)
        again: dict[str, None] = {}
        for item in items:
            if item in seen:
                again[item] = None
            seen.add(item)
        if again:
            verb = "is" if len(again) == 1 else "are"
            message = f"{_listed(list(again))} {verb} already among the negatives"
            self.tell(DUPLICATE_NEGATIVES, setting.span, message, harm=False)

    def avoid(self, setting: Setting) -> None:
        if self.is_mistaken(setting):
            return
        line = self.filled(setting)
        if line is None:
            return
        items = cut(line.text)
        if not setting.value.raw.strip():
            self.wanted(setting, line, "a list of words")
        self.duplicates(setting, items, [])
        self.double_negatives(setting, items)
        self.own_changes |= {"avoid": fold(items), "avoid_line": line}

    def negatives(self, setting: Setting) -> None:
        line = self.one_of(setting, ("field", "inline", "both"))
        if line is not None:
            self.note(setting, line, self.outer.negatives_line, same=line.text == self.outer.negatives)
            self.change(negatives=line.text, negatives_line=line)

    def pack(self, setting: Setting) -> None:
        line = self.one_of(setting, ("auto", "shot"))
        if line is not None:
            self.note(setting, line, self.outer.pack_line, same=line.text == self.outer.pack)
            self.change(pack=line.text, pack_line=line)

    def one_of(self, setting: Setting, words: tuple[str, ...]) -> SettingLine | None:
        line = self.filled(setting)
        if line is None or line.text in words:
            return line
        self.wanted(setting, line, either([f"`{word}`" for word in words]), suggest(line.text, words))
        return None

    def affix(self, setting: Setting) -> None:
        if self.is_mistaken(setting):
            return
        name = setting.name.text
        is_none = setting.value.raw.strip(" \t") == "none"
        added = _ADDED.match(setting.value.raw)
        rest = _behind(setting.value, added.end()) if added else None
        line = SettingLine("", setting.span, self.level, setting.value.whole) if is_none else self.filled(setting, rest)
        if line is None:
            return
        if not setting.value.raw.strip():
            self.tell(SETTING_VALUE, setting.span, f"`.{name}` has no text", f"`.{name} none` clears it")
            return
        before: SettingLine | None = getattr(self.outer, f"{name}_line")
        outer: str = getattr(self.outer, name)
        if _ADDED.match(setting.value.raw):
            self.change(**{name: join_lines((outer, line.text)), f"{name}_line": line})
            return
        self.note(setting, line, before, same=line.text == outer)
        if outer and line.text and line.text != outer and before is not None and before.level != self.level:
            message = f"this replaces the `.{name}` of the {before.level}"
            self.tell(LOOK_REPLACED, setting.span, message, f"`.{name} + …` adds to it", harm=False)
        self.change(**{name: line.text, f"{name}_line": line})

    def take(self, setting: Setting) -> None:
        line = self.filled(setting)
        if line is None:
            return
        if _TAKE.fullmatch(line.text):
            self.own_changes["take"] = int(line.text)
            self.own_changes["take_line"] = line
        else:
            self.wanted(setting, line, "a whole number of 1 or more")

    def budget(self, setting: Setting) -> None:
        line = self.filled(setting)
        if line is None:
            return
        amount = _BUDGET.fullmatch(line.text)
        if amount:
            self.own_changes["budget"] = Decimal(amount[1])
            self.own_changes["budget_line"] = line
        else:
            loose = _LOOSE_BUDGET.fullmatch(line.text)
            self.wanted(setting, line, "an amount such as `12 USD`", f"{loose[1]} USD" if loose else None)

    def words(self, setting: Setting) -> SettingLine | None:
        """Return the text of a setting for words beside the picture; None if it is empty, which is reported."""
        line = self.filled(setting)
        if line is not None and not line.text.strip():
            self.wanted(setting, line, "words")
            return None
        return line

    def beside(self, **more: tuple[Any, ...]) -> None:
        now: WordsBeside = self.own_changes.get("beside", WordsBeside())
        self.own_changes["beside"] = now._replace(**{name: getattr(now, name) + new for name, new in more.items()})

    def say(self, setting: Setting) -> None:
        from storyboard.story.film_settings import read_spoken  # its patterns take a millisecond: only where used

        line = self.words(setting)
        if line is not None:
            self.beside(say=(read_spoken(line.text),))
            self.own_changes.setdefault("say_line", line)

    def caption(self, setting: Setting) -> None:
        line = self.words(setting)
        if line is not None:
            self.beside(captions=(line.text,))

    def crew_note(self, setting: Setting) -> None:
        line = self.words(setting)
        if line is not None:
            self.beside(notes=(line.text,))

    def local_source(self, setting: Setting) -> None:
        from storyboard.story.film_settings import Misread, read_local_source

        kind = setting.name.text
        line = self.filled(setting)
        if line is None:
            return
        earlier: LocalSource | None = self.own_changes.get("local")
        if earlier is not None:
            related = (Related(f"`.{earlier.kind}` is here", earlier.span), *chain(self.scope.step))
            message = f"a shot has one source: either `.{earlier.kind}` or `.{kind}`"
            self.looks.findings.add(TWO_SOURCES.at(setting.span, message, help="remove one of them", related=related))
            self.harm()
            return
        source = read_local_source(kind, line.text, setting.span)
        if isinstance(source, Misread):
            if kind == "card":
                self._card_with_text(setting, line)
            else:
                self.wanted(setting, line, source.expected, source.near)
            source = LocalSource("card", "", Decimal(0), setting.span)
        self.own_changes["local"] = source

    def _card_with_text(self, setting: Setting, line: SettingLine) -> None:
        """Report a card whose text is written beside its name; the fix moves it below the settings of the shot."""
        span, value = setting.span, line.value
        whole = span.source.text
        indent = whole[whole.rfind("\n", 0, span.start) + 1 : span.start]
        others = re.compile(rf"(?:\r?\n{indent}\.[^\r\n]*)*").match(whole, span.end)
        below = others.end() if others else span.end
        edits = (
            Edit(Span(span.source, setting.name.span.end, value.end), ""),
            Edit(Span(span.source, below, below), f"\n{indent}{whole[value.start : value.end]}"),
        )
        message = f"`.card` takes no value: a card shows the text of the shot, not `{line.text}`"
        self.tell(SETTING_VALUE, span, message, "write it below the settings", Fix("write it as the text", edits))

    def cut(self, setting: Setting) -> None:
        from storyboard.story.film_settings import Misread, read_part

        line = self.filled(setting)
        if line is None:
            return
        part = read_part(line.text, setting.span)
        if isinstance(part, Misread):
            self.wanted(setting, line, part.expected, part.near)
        else:
            self.own_changes["part"] = part

    def transition(self, setting: Setting) -> None:
        from storyboard.story.film_settings import Misread, read_transition

        line = self.filled(setting)
        if line is None:
            return
        transition = read_transition(line.text, setting.span)
        if isinstance(transition, Misread):
            self.wanted(setting, line, transition.expected, transition.near)
        else:
            self.own_changes["transition"] = transition

    def music(self, setting: Setting) -> None:
        from storyboard.story.film_settings import Misread, read_music

        line = self.filled(setting)
        if line is None:
            return
        music = read_music(line.text, setting.span)
        if isinstance(music, Misread):
            self.wanted(setting, line, music.expected, music.near)
        else:
            self.own_changes["music"] = music

    def language(self, setting: Setting) -> None:
        from storyboard.language_codes import three_letters

        line = self.filled(setting)
        if line is None:
            return
        if three_letters(line.text):
            self.own_changes["language"] = line.text
        else:
            near = line.text.lower() if three_letters(line.text.lower()) else None
            self.wanted(setting, line, "the tag of a language, such as `en`, `zh` or `pt-BR`", near)


_READERS: dict[str, Callable[[_Body, Setting], None]] = {
    "model": _Body.model,
    "negative": _Body.negative,
    "avoid": _Body.avoid,
    "negatives": _Body.negatives,
    "prefix": _Body.affix,
    "suffix": _Body.affix,
    "pack": _Body.pack,
    "take": _Body.take,
    "budget": _Body.budget,
    "say": _Body.say,
    "caption": _Body.caption,
    "note": _Body.crew_note,
    "clip": _Body.local_source,
    "still": _Body.local_source,
    "card": _Body.local_source,
    "cut": _Body.cut,
    "transition": _Body.transition,
    "music": _Body.music,
    "language": _Body.language,
}


_TRANSLATED = {
    "模型": "model",
    "النموذج": "model",
    "модель": "model",
    "画幅": "aspect_ratio",
    "比例": "aspect_ratio",
    "画面比例": "aspect_ratio",
    "宽高比": "aspect_ratio",
    "模式": "mode",
    "负面": "negative",
    "负面提示词": "negative",
    "反向提示词": "negative",
    "避免": "avoid",
    "台词": "say",
    "对白": "say",
    "旁白": "say",
    "字幕": "caption",
    "备注": "note",
    "注释": "note",
    "转场": "transition",
    "音乐": "music",
    "风格": "suffix",
    "语言": "language",
    "trim": "cut",
    "black": "card",
}
"""Names of settings in other languages, and the setting that is meant."""
_OTHER_WORDS = {
    "seed": "there are no seeds; `.take 2` on a shot asks for another clip of the same words",
    **dict.fromkeys(
        ("duration", "length", "seconds", "time"), "the length of a shot goes in its header: `shot name 5s`"
    ),
    **dict.fromkeys(
        ("prompt", "text", "description"), "the text of a shot is its prompt: indent it under the shot, without a dot"
    ),
    **dict.fromkeys(
        ("resolution", "fps", "frame_rate", "framerate", "width", "height", "quality", "size"),
        "the model decides it; `storyboard models NAME` lists what can be set",
    ),
    **dict.fromkeys(("style", "look", "mood"), "`.suffix` adds the look of the film to every prompt"),
    **dict.fromkeys(("camera", "lens", "lighting", "characters", "location"), "describe it in the text of the shot"),
    **{word: f"did you mean `.{setting}`?" for word, setting in TEXT_SETTINGS.items()},
    "title": "did you mean `.caption`?",
    **dict.fromkeys(
        ("sfx", "sound_effect", "sound_effects", "ambience", "foley"),
        "describe what is heard in the text of the shot, or write `.note` for the crew",
    ),
    **dict.fromkeys(("fade", "dissolve", "crossfade"), "`.transition fade 0.5s` or `.transition dissolve 0.5s`"),
}
"""Other names for settings that an author may try, and the setting to use."""


def _whole_of(part: str, words: Sequence[str]) -> str | None:
    """Return the only one of these words that contains this name as a part, as `aspect_ratio` contains `ratio`."""
    found = {word for word in words if part in word.split("_")} - {part}
    return found.pop() if len(found) == 1 else None


def _listed(items: Sequence[str]) -> str:
    shown = ", ".join(f"`{item}`" for item in items[:3])
    return shown if len(items) <= 3 else f"{shown} and {len(items) - 3} more"


def _behind(text: Text, index: int) -> Text:
    return Text(text.source, text.raw[index:], (text.offset(index),)) if index else text


def _whole_line(span: Span) -> Span:
    """Return the whole line of a span, with its line end."""
    source = span.source
    start = source.text.rfind("\n", 0, span.start) + 1
    end = source.text.find("\n", span.end)
    return Span(source, start, len(source.text) if end < 0 else end + 1)
