"""Check a story: from the story as written to the checked `Story`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from storyboard.cards.model_card import Catalog, ModelCard
from storyboard.cards.values import either
from storyboard.diagnostics import Diagnostic, Outcome, sort_by_place
from storyboard.diagnostics.rules.names import OVERRIDE_MISFIT
from storyboard.diagnostics.suggest import did_you_mean
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Span
from storyboard.story.checked_draft import Broken, CheckedDraft, DraftScene, DraftShot, draft_transition
from storyboard.story.checks import CHECKS, LIBRARY_CHECKS
from storyboard.story.cycles import DeclarationOrder, order
from storyboard.story.effective_settings import NOTHING_OWN, EffectiveSettings
from storyboard.story.evaluate import Evaluator
from storyboard.story.expand import Expansion, OpenScene, Seed
from storyboard.story.findings import Findings, chain
from storyboard.story.prompt import Prompts
from storyboard.story.prompt_layout import nfc
from storyboard.story.references import survey
from storyboard.story.scope import Gap, Place, Scope
from storyboard.story.settings import Looks
from storyboard.story.story import Negatives, Origin, Scene, Share, Shot, Story
from storyboard.story.symbols import FileNames, House, Let, Phrase, names_of
from storyboard.story.values import Duration, Number, Value, called, read
from storyboard.syntax.tree import LetDecl, LoopValue, StoryDecl, StringValue, Text, Unit, WordsValue


def check(unit: Unit, catalog: Catalog, overrides: Mapping[str, str] | None = None) -> Outcome[Story]:
    """Check the story of a file against the model cards. `overrides` are the values of `--set`.

    There is a value even if there are errors, so that `jobs/` can check further; shots affected by an error are marked.
    It is None for a library.
    """
    decl = unit.file.story
    if decl is None:
        return Outcome(None, check_library(unit, catalog))
    return _Check(unit, decl, catalog, overrides or {}).run()


class Expanded(NamedTuple):
    """A shot with its full prompt: where each part comes from, and which line set each of its parameters."""

    shot: Shot
    own_text: Text | None
    shares: tuple[Share, ...]
    settings: EffectiveSettings


def expand_at(unit: Unit, catalog: Catalog, header: Span) -> tuple[Expanded, ...]:
    """Return every shot that the `shot` line at `header` produces: several if it is in a template or a loop."""
    decl = unit.file.story
    return () if decl is None else _Check(unit, decl, catalog, {}).expanded_at(header)


def check_library(unit: Unit, catalog: Catalog) -> tuple[Diagnostic, ...]:
    """Check a file without a `story` line: its names, its texts, and its templates as written."""
    findings = Findings()
    evaluator = Evaluator(findings, "")
    files = names_of(unit)
    main = files[id(unit)]
    surveyed = survey(files.values(), main, evaluator)
    work_out(evaluator, order(surveyed.needs), main, {})
    for found in surveyed.findings.all:
        findings.add(found)
    for check_ in LIBRARY_CHECKS:
        for found in check_(main, catalog):
            findings.add(found)
    return sort_by_place(findings.all)


def settable(unit: Unit) -> tuple[str, ...]:
    """Return the names that `--set` accepts: the file's own params, those of imports without `as`, and `house.name`."""
    return tuple(_params(names_of(unit)[id(unit)]))


def allowed_values(unit: Unit) -> Mapping[str, tuple[str, ...]]:
    """Return the allowed values of each param that lists them."""
    params = _params(names_of(unit)[id(unit)])
    return {name: allowed for name, let in params.items() if (allowed := choices_of(let.decl))}


def choices_of(decl: LetDecl) -> tuple[str, ...]:
    """Return the values that a `param` lists, as `--set` takes them; empty if it accepts any."""
    return tuple(nfc(_as_given(value)) for value in decl.choices)


def _as_given(value: LoopValue) -> str:
    match value:
        case StringValue():
            return value.value
        case WordsValue():
            return value.words
        case _:
            return value.span.text


def work_out(evaluator: Evaluator, ordered: DeclarationOrder, main: FileNames, overrides: Mapping[str, str]) -> None:
    """Compute the value of every `let` and `param`, dependencies first."""
    evaluator.circular = {symbol for symbol in ordered.circular if isinstance(symbol, Phrase)}
    given = {let: overrides[name] for name, let in _params(main).items() if name in overrides}
    for found in ordered.findings:
        evaluator.findings.add(found)
    for symbol in ordered.sequence:
        if isinstance(symbol, Let):
            circular = symbol in ordered.circular
            evaluator.lets[symbol] = Gap.BROKEN if circular else _value(evaluator, symbol, given.get(symbol))


def _value(evaluator: Evaluator, let: Let, override: str | None) -> Value | Gap:
    place = Place("a `param`" if let.decl.is_param else "a `let`")
    filled = evaluator.fill(let.decl.value, Scope(let.home, place))
    value: Value | Gap = Gap.BROKEN if filled is None else read(filled)
    if override is None:
        return value
    allowed = choices_of(let.decl)
    if allowed and nfc(override) not in allowed:
        name = let.decl.name
        message = f"`--set {name.text}={override}` is not one of the values of `{name.text}`"
        help_ = did_you_mean(override, allowed) or f"allowed: {either([f'`{each}`' for each in allowed])}"
        evaluator.findings.add(OVERRIDE_MISFIT.at(name.span, message, help=help_))
        return Gap.BROKEN
    other = read(nfc(override))
    if isinstance(value, Duration | Number) and type(other) is not type(value):
        name = let.decl.name
        message = f"`--set {name.text}={override}` gives {called(other)}, but `{name.text}` is {called(value)}"
        evaluator.findings.add(OVERRIDE_MISFIT.at(name.span, message, help=f"its default is `{value.written}`"))
        return Gap.BROKEN
    return other


def _params(names: FileNames) -> dict[str, Let]:
    params: dict[str, Let] = {}
    for name, symbol in names.visible.items():
        if isinstance(symbol, House) and symbol.names is not None:
            inner = {f"{name}.{each}": found for each, found in symbol.names.own.items() if isinstance(found, Let)}
            params |= {each: found for each, found in inner.items() if found.decl.is_param}
        elif isinstance(symbol, Let) and symbol.decl.is_param:
            params[name] = symbol
    return params


class _Check:
    """One run of `check`."""

    def __init__(self, unit: Unit, decl: StoryDecl, catalog: Catalog, overrides: Mapping[str, str]) -> None:
        self.decl = decl
        self.catalog = catalog
        self.overrides = overrides
        self.findings = Findings()
        self.evaluator = Evaluator(self.findings, decl.title.value)
        files = names_of(unit)
        self.names = files[id(unit)]
        self.files = tuple(files.values())
        self.broken = Broken(self.files, self.names)
        self.looks = Looks(self.evaluator, catalog)
        self.prompts = Prompts(self.evaluator, self.names)
        self.made: dict[int, tuple[Negatives, Mapping[str, Span]]] = {}

    def run(self) -> Outcome[Story]:
        surveyed = survey(self.files, self.names, self.evaluator)
        ordered = order(surveyed.needs)
        work_out(self.evaluator, ordered, self.names, self.overrides)
        look, own = self.looks.read(
            self.decl.body.settings, "story", EffectiveSettings(), self.scope("a setting of `story`")
        )
        logline = self.decl.body.text
        filled = self.evaluator.fill(logline, self.scope("the story's text")) if logline else ""
        expansion = Expansion(self.names, self.evaluator, frozenset(ordered.circular))
        expansion.run()
        scenes = tuple(self.scenes(expansion, look))
        draft = CheckedDraft(
            self.decl,
            look,
            own,
            self.names,
            self.files,
            surveyed,
            self.catalog,
            scenes,
            frozenset(expansion.expanded),
            expansion.whole,
            self.broken,
        )
        self.gather(draft)
        return Outcome(self.story(draft, filled or ""), sort_by_place(self.findings.all))

    def expanded_at(self, header: Span) -> tuple[Expanded, ...]:
        ordered = order(survey(self.files, self.names, self.evaluator).needs)
        work_out(self.evaluator, ordered, self.names, self.overrides)
        look, _ = self.looks.read(
            self.decl.body.settings, "story", EffectiveSettings(), self.scope("a setting of `story`")
        )
        expansion = Expansion(self.names, self.evaluator, frozenset(ordered.circular))
        expansion.run()
        return tuple(
            Expanded(
                self.meant_shot(scene, shot),
                shot.seed.decl.body.text,
                self.prompts.all_shares(shot.prompt, shot.seed, shot.look, shot.own),
                shot.look,
            )
            for scene in self.scenes(expansion, look)
            for shot in scene.shots
            if shot.seed.decl.span == header
        )

    def scope(self, who: str) -> Scope:
        return Scope(self.names, Place(who))

    def gather(self, draft: CheckedDraft) -> None:
        """Add the findings of the survey and of the last passes."""
        for found in draft.survey.findings.all:
            self.findings.add(found)
        for hint in self.looks.repeated():
            self.findings.add(hint)
        for check_ in CHECKS:
            for found in check_(draft):
                self.findings.add(found)

    def scenes(self, expansion: Expansion, outer: EffectiveSettings) -> list[DraftScene]:
        end = len(self.names.unit.file.source.text)
        starts = [scene.decl.span.start if scene.decl else 0 for scene in expansion.scenes]
        return [
            self.scene(scene, outer, whole=scene.whole and not self.broken.between(start, behind))
            for scene, start, behind in zip(expansion.scenes, starts, [*starts[1:], end], strict=False)
        ]

    def scene(self, scene: OpenScene, outer: EffectiveSettings, *, whole: bool) -> DraftScene:
        look, own = outer, NOTHING_OWN
        if scene.decl is not None:
            scope = Scope(self.names, Place("a setting of `scene`", scene.facts))
            look, own = self.looks.read(scene.decl.body.settings, "scene", outer, scope)
        return DraftScene(scene, look, own, tuple([self.shot(seed, look) for seed in scene.seeds]), whole)

    def shot(self, seed: Seed, outer: EffectiveSettings) -> DraftShot:
        settings = seed.decl.body.settings
        speaks = any(setting.name.text == "say" for setting in settings)
        scope = _with_spoken(seed.scope, Gap.PENDING) if speaks else seed.scope
        look, own = self.looks.read(settings, "shot", outer, scope)
        if speaks:
            seed = seed._replace(scope=_with_spoken(seed.scope, " ".join(each.written for each in own.beside.say)))
        prompt = self.prompts.of(seed, look, own)
        damaged = look.damaged or seed.seconds is None or prompt.own is None or self.broken.holds(seed.decl.span)
        return DraftShot(seed, look, own, prompt, damaged)

    def story(self, draft: CheckedDraft, logline: str) -> Story:
        return Story(
            path=self.names.unit.file.source.path,
            title=self.decl.title.value,
            logline=logline,
            promise=self.decl.promise.seconds if self.decl.promise else None,
            budget=draft.own.budget,
            notes=draft.own.beside.notes,
            music=draft.own.music,
            language=draft.own.language,
            span=self.decl.span,
            budget_span=draft.own.budget_line.span if draft.own.budget_line else None,
            scenes=tuple(self.meant_scene(scene) for scene in draft.scenes),
            shots=tuple([self.meant_shot(scene, shot) for scene in draft.scenes for shot in scene.shots]),
        )

    def meant_scene(self, scene: DraftScene) -> Scene:
        facts, decl = scene.scene.facts, scene.decl
        text = facts.text if isinstance(facts.text, str) else ""
        promise = decl.promise.seconds if decl and decl.promise else None
        span = decl.span if decl else self.decl.span
        return Scene(facts.name, facts.title, text, promise, span, scene.own.beside.notes)

    def meant_shot(self, scene: DraftScene, shot: DraftShot) -> Shot:
        seed, look, own = shot.seed, shot.look, shot.own
        card = self.catalog.get(look.model)
        negative, spans = self.of_look(look, card)
        return Shot(
            address=seed.address,
            scene=scene.scene.name,
            name=seed.decl.name.text,
            seconds=seed.seconds or Decimal(0),
            prompt=shot.prompt.text,
            model=look.model,
            parameters=look.parameters,
            negative=negative,
            pack=look.pack,
            take=own.take,
            split_before=seed.split_before,
            origin=Origin(seed.decl.span, chain(seed.scope.step)),
            take_span=own.take_line.span if own.take_line else None,
            own_negative=own.negative_line.span if own.negative_line else None,
            setting_spans=spans,
            length_known=seed.seconds is not None,
            damaged=shot.damaged,
            shares=self.prompts.shares(shot.prompt, seed, look, own, card) if card and not own.local else (),
            parts=shot.prompt.parts,
            beside=own.beside,
            part=own.part,
            local=own.local,
            transition=draft_transition(scene, shot),
        )

    def of_look(self, look: EffectiveSettings, card: ModelCard | None) -> tuple[Negatives, Mapping[str, Span]]:
        """Return what all shots of one look share, computed once."""
        made = self.made.get(id(look))
        if made is None:
            rules = self.looks.rules(card)
            spans = {rules[name].name: line.span for name, line in look.written.items() if name in rules}
            made = self.made[id(look)] = (_field_part(look), spans)
        return made


def _with_spoken(scope: Scope, spoken: str | Gap) -> Scope:
    """Return the scope of a shot's text, in which `shot.say` is available."""
    shot = scope.place.shot
    return scope if shot is None else scope._replace(place=scope.place._replace(shot=shot._replace(say=spoken)))


def _field_part(look: EffectiveSettings) -> Negatives:
    line = look.negative_line
    items = look.negative if look.negatives in ("field", "both") else ()
    return Negatives(items, line.span if line and items else None)
