"""Reading text: the same shots as a story and as YAML, each by its own reader, in this process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from storyboard.source import Source
from storyboard.syntax import parse

ROUNDS = 5
PROMPT = "Wide establishing shot of the lantern street at dusk, rain just over, people with umbrellas, number {}."


def reading(shots: int) -> dict[str, tuple[float, int]]:
    """CPU seconds, the median of interleaved rounds, and the bytes that were read; each reader's answer is checked."""
    story = 'story "Film"\n  .model kirin_v3_t2v\n' + "".join(
        f"\nshot s{number} 5s\n  .mode pro\n  {PROMPT.format(number)}\n" for number in range(shots)
    )
    listed = "".join(
        f"- name: s{number}\n  duration: 5s\n  mode: pro\n  prompt: {PROMPT.format(number)}\n"
        for number in range(shots)
    )
    readers: dict[str, tuple[str, Callable[[str], int]]] = {
        "storyboard": (story, _parsed),
        "PyYAML, C": (listed, lambda text: len(yaml.load(text, yaml.CSafeLoader))),
    }
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS):
        for name, (text, read) in readers.items():
            started = time.process_time()
            assert read(text) == shots
            taken[name].append(time.process_time() - started)
    return {name: (statistics.median(taken[name]), len(text.encode())) for name, (text, _) in readers.items()}


def _parsed(text: str) -> int:
    file = parse(Source(Path("film.story"), text)).value
    return len(file.statements) - 1 if file else 0
