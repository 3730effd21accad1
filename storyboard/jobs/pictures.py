"""The picture of a job: its payload with the card's defaults filled in, and the canonical JSON of that, for hashing."""

from __future__ import annotations

from functools import cache, cached_property

from storyboard.jobs.canonical import canonical, in_order, quoted
from storyboard.jobs.key import filled_in
from storyboard.jobs.packable_run import Stretch
from storyboard.jobs.payload import Part, duration_of, payload_of


class Pictures:
    """The canonical JSON of the picture of any run of a stretch's shots, without encoding a prompt twice.

    It is, to the letter, `canonical(filled_in(card, payload))`: packing asks for several times as many as become jobs.
    """

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._prompts = [quoted(shot.prompt) for shot in stretch.shots]
        self._before = [f'{{"duration":"{int(shot.seconds)}","index":' for shot in stretch.shots]
        self._duration = cache(lambda seconds: canonical(duration_of(stretch.card, seconds)))

    def of(self, start: int, end: int, seconds: int) -> str:
        """The picture of the job of these shots, as canonical JSON."""
        if end - start == 1:
            head, middle, tail = self._alone
            return f"{head}{self._duration(seconds)}{middle}{self._prompts[start]}{tail}"
        head, middle, tail = self._several
        shots = [f'{self._before[at]}{at - start + 1},"prompt":{self._prompts[at]}}}' for at in range(start, end)]
        return f"{head}{self._duration(seconds)}{middle}[{','.join(shots)}]{tail}"

    @cached_property
    def _alone(self) -> tuple[str, str, str]:
        return self._frame(1, "prompt")

    @cached_property
    def _several(self) -> tuple[str, str, str]:
        return self._frame(2, "multi_prompt")

    def _frame(self, shots: int, prompts: str) -> tuple[str, str, str]:
        """What stands before a job's duration, between it and its prompts, and after them."""
        stretch = self._stretch
        sample = payload_of(stretch.card, [Part("", 1)] * shots, stretch.parameters, stretch.negative)
        picture = filled_in(stretch.card, sample)
        texts = [""]
        for name in in_order(picture):
            texts[-1] += f"{',' if len(texts) > 1 or texts[-1] else ''}{quoted(name)}:"
            if name in ("duration", prompts):
                texts.append("")
            else:
                texts[-1] += canonical(picture[name])
        head, middle, tail = texts
        return f"{{{head}", middle, f"{tail}}}"
