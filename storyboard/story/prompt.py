"""A shot's prompt: its own text between `.prefix` and `.suffix`, and the negated sentence at the end."""

from __future__ import annotations

from collections import Counter

from storyboard.cards.model_card import ModelCard
from storyboard.diagnostics.limits import NEAR_PERCENT
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Span
from storyboard.story.effective_settings import EffectiveSettings, Own, SettingLine
from storyboard.story.evaluate import Evaluator, Stop
from storyboard.story.expand import Seed
from storyboard.story.expression import Call, Path, Printed
from storyboard.story.findings import ChainLink
from storyboard.story.negatives import fold
from storyboard.story.prompt_layout import join_lines
from storyboard.story.scope import Scope
from storyboard.story.story import PromptParts, Share
from storyboard.story.symbols import Fact, FileNames, Let, Local, Phrase, builtin_avoid, is_builtin, resolve
from storyboard.syntax.tree import Text

_HAN = lazy_pattern("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_OR_HANGUL = lazy_pattern("[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\uac00-\ud7af\uff66-\uff9f]")


class Prompt(NamedTuple):
    """A prompt as sent. `own` is the shot's own text with names replaced, None if that was an error."""

    text: str
    own: str | None
    sentence: str = ""
    parts: PromptParts | None = None


class Prompts:
    """Builds the prompts of a story's shots."""

    def __init__(self, evaluator: Evaluator, names: FileNames) -> None:
        self.evaluator = evaluator
        declared = names.visible.get("avoid")
        self.avoid = declared if isinstance(declared, Phrase) else builtin_avoid()
        self._sentences: dict[tuple[str, ...], str] = {}

    def of(self, seed: Seed, look: EffectiveSettings, own: Own) -> Prompt:
        """Return the prompt of one shot; without own text there is none."""
        text = seed.decl.body.text
        filled = self.evaluator.fill(text, seed.scope) if text else ""
        if not filled or filled.isspace():
            return Prompt("", filled)
        if own.local is not None:
            return Prompt(filled, filled)
        items, line = _avoided(look, own)
        sentence = self._sentence(items, line, seed.scope, filled) if items and line else ""
        if sentence is None:
            return Prompt("", None)
        parts = PromptParts(look.prefix, filled, look.suffix, sentence)
        added = parts if look.prefix or look.suffix or sentence else None
        prompt = Prompt(join_lines(parts), filled, sentence, added)
        return prompt if self._counted(prompt, seed) else Prompt("", None)

    def _counted(self, prompt: Prompt, seed: Seed) -> bool:
        try:
            self.evaluator.spend(seed.decl.span, seed.scope, characters=len(prompt.text))
        except Stop:
            return False
        return True

    def shares(
        self, prompt: Prompt, seed: Seed, look: EffectiveSettings, own: Own, card: ModelCard
    ) -> tuple[Share, ...]:
        """Return who contributed how much, largest first, if the prompt is near a limit of the model; otherwise
        nothing."""
        limit = min(card.max_prompt, card.shared_job.max_prompt if card.shared_job else card.max_prompt)
        near = len(prompt.text) * 100 > limit * NEAR_PERCENT
        return self.all_shares(prompt, seed, look, own) if near else ()

    def all_shares(self, prompt: Prompt, seed: Seed, look: EffectiveSettings, own: Own) -> tuple[Share, ...]:
        """Return who contributed how much to a prompt, largest first, whatever its length."""
        text = seed.decl.body.text
        if text is None or not prompt.text:
            return ()
        filled_in: Counter[tuple[str, Span]] = Counter()
        for part, length in self.evaluator.shares(text, seed.scope):
            filled_in[_source_of(part, text, seed.scope)] += length
        shares = [Share(what, length, span) for (what, span), length in filled_in.items() if length]
        if look.prefix and look.prefix_line:
            shares.append(Share(".prefix", len(look.prefix), look.prefix_line.span))
        if look.suffix and look.suffix_line:
            shares.append(Share(".suffix", len(look.suffix), look.suffix_line.span))
        if prompt.sentence:
            items, line = _avoided(look, own)
            shares.append(
                Share(
                    f"the sentence of {len(items)} negatives", len(prompt.sentence), line.span if line else text.whole
                )
            )
        rest = len(prompt.text) - sum(share.length for share in shares)
        own_text = [Share("its own text", rest, text.whole)] if rest > 0 else []
        return tuple(sorted([*own_text, *shares], key=lambda share: -share.length))

    def _sentence(self, items: tuple[str, ...], line: SettingLine, scope: Scope, text: str) -> str | None:
        try:
            self.evaluator.spend(line.span, scope, values=len(items))
        except Stop:
            return None
        if is_builtin(self.avoid) and _is_chinese(text):
            return f"不要出现{'、'.join(items)}。"
        if items in self._sentences:
            return self._sentences[items]
        step = ChainLink("the sentence of negatives is made from this line", line.span, scope.step)
        inner = Scope(scope.names, scope.place, {}, step)
        sentence = self.evaluator.call(self.avoid, [items], line.span, inner)
        if sentence is not None and is_builtin(self.avoid):
            self._sentences[items] = sentence
        return sentence


def _is_chinese(text: str) -> bool:
    """Whether more than half of a text's letters are Han and none are kana or hangul: its sentence of negatives follows
    its script."""
    if text.isascii() or _KANA_OR_HANGUL.search(text):
        return False
    return 2 * len(_HAN.findall(text)) > sum(map(str.isalpha, text))


def _avoided(look: EffectiveSettings, own: Own) -> tuple[tuple[str, ...], SettingLine | None]:
    shared = look.negative if look.negatives in ("inline", "both") else ()
    items = fold([*shared, *own.avoid]) if shared else own.avoid
    return items, own.avoid_line or look.negative_line or look.negatives_line


def _source_of(part: Printed, text: Text, scope: Scope) -> tuple[str, Span]:
    """Return the label of a `{{ }}` in a list of shares, and the line that its text comes from."""
    node = part.value
    tag = text.span(part.base - 2, part.base + node.end)
    if isinstance(node, Path):
        return f"{{{{ {node.written} }}}}", _declared_at(node.parts, scope) or tag
    if isinstance(node, Call):
        return f"{{{{ {node.phrase.written}(…) }}}}", _declared_at(node.phrase.parts, scope) or tag
    return "{{ … }}", tag


def _declared_at(parts: tuple[str, ...], scope: Scope) -> Span | None:
    found = resolve(parts, scope.names, scope.values)
    if isinstance(found, Let | Phrase):
        return found.decl.span
    if isinstance(found, Fact) and found.what == "text" and scope.place.scene is not None:
        return scope.place.scene.span
    if isinstance(found, Local) and scope.step is not None:
        return scope.step.span
    return None
