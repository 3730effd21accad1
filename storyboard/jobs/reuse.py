"""What packing knows of the lock: which jobs exist, and which take of each was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.jobs.canonical import canonical, in_order, quoted
from storyboard.jobs.key import base_of, content_of, filled_in
from storyboard.jobs.lock import Lock
from storyboard.jobs.packing import windows
from storyboard.jobs.payload import Part, duration_of, payload_of
from storyboard.jobs.stretch import Stretch
from storyboard.story.model import Shot


class Reuse:
    """A lock, indexed for packing."""

    def __init__(self, lock: Lock) -> None:
        self._takes = {base: choice.take for base, choice in lock.choices.items()}
        existing = [block for block in lock.blocks.values() if block.exists]
        self._contents = {block.content for block in existing}
        self._bases = {block.base for block in existing}
        self._lengths = {block.seconds for block in existing}

    def take(self, shots: Sequence[Shot], base: str) -> int:
        """A job's take: the highest of its shots' own, else what was chosen for its base, else 1."""
        own = [shot.take for shot in shots if shot.take is not None]
        return max(own) if own else self._takes.get(base, 1)

    def exists(self, content: str) -> bool:
        """Whether a job of that content exists, so that it costs nothing now."""
        return content in self._contents

    def windows(self, stretch: Stretch) -> frozenset[tuple[int, int]]:
        """Which runs of a stretch's shots, from start to end (exclusive), are jobs that exist."""
        return frozenset(self._windows(stretch)) if self._contents else frozenset()

    def _windows(self, stretch: Stretch) -> Iterator[tuple[int, int]]:
        model = stretch.card.name
        pictures = Pictures(stretch)
        room = stretch.room
        pieces = [stretch.piece(shot) for shot in stretch.shots]
        for start in range(len(pieces)):
            for end, seconds in windows(pieces, room, start):
                if seconds not in self._lengths:
                    continue
                picture = pictures.of(start, end, seconds)
                base = base_of(model, picture)
                take = self.take(stretch.shots[start:end], base)
                if base in self._bases and content_of(model, picture, take) in self._contents:
                    yield start, end


class Pictures:
    """The canonical JSON of the picture of any run of a stretch's shots, without encoding a prompt twice.

    It is, to the letter, `canonical(filled_in(card, payload))`: packing asks for several times as many as become jobs.
    """

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._prompts = [quoted(shot.prompt) for shot in stretch.shots]
        self._seconds = [int(shot.seconds) for shot in stretch.shots]
        self._alone = self._frame(1, "prompt")
        self._several = self._frame(2, "multi_prompt") if stretch.card.multi_shot else ("", "", "")

    def of(self, start: int, end: int, seconds: int) -> str:
        """The picture of the job of these shots."""
        if end - start == 1:
            head, middle, tail = self._alone
            shots = self._prompts[start]
        else:
            head, middle, tail = self._several
            shots = f"[{','.join([self._shot(at, at - start + 1) for at in range(start, end)])}]"
        return f"{head}{canonical(duration_of(self._stretch.card, seconds))}{middle}{shots}{tail}"

    def _shot(self, at: int, index: int) -> str:
        return f'{{"duration":"{self._seconds[at]}","index":{index},"prompt":{self._prompts[at]}}}'

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
