"""Parts of a line that may be something else than the rest: its later sentences, and what stands in brackets.

What is pasted behind a prompt begins such a part: `She waits at the gate. Let me know if you want changes!`
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from storyboard.files.lazy_pattern import lazy_pattern

_END = lazy_pattern(r"[.!?…؟।][\"”’»」)\]]*[ \t]+|[。！？][”』」）]*[ \t]*|\ufffc[ \t]+(?=[A-Z])")
"""How a sentence ends; what braces fill in, masked as `\ufffc`, ends one where a capital follows it."""
_ABBREVIATED = lazy_pattern(
    r"(?:^|[^\w.])(?:\w|mr|mrs|ms|dr|st|no|nr|vs|etc|ca|approx|jr|sr|prof|mt|ave|rd|ft|fig|vol|[eiapzd]\.[^\W\d_]|bzw|usw|sra?|núm|int|"
    r"ext|est|i/e|інт|инт|нат|экст)\.$",
    re.IGNORECASE,
)
_ASIDE = lazy_pattern(r"[(（\[【][^()（）\[\]【】]{2,120}[)）\]】]")
LONGEST_SPLIT = 2_000
"""Longest line whose sentences are looked at, in characters: no model takes a longer prompt."""
_OPENING = {"“": "”", "„": "“", "«": "»", "「": "」", "『": "』"}


def later_sentences(line: str) -> Iterator[int]:
    """Yield where each sentence after the first begins, but for those in quotes."""
    if len(line) > LONGEST_SPLIT:
        return
    for found in _END.finditer(line):
        stop, begin = found.start() + 1, found.end()
        if begin < len(line) and not _ABBREVIATED.search(line, max(0, stop - 7), stop) and not in_quotes(line, begin):
            yield begin


def asides(line: str) -> Iterator[tuple[int, int]]:
    """Yield where each part in brackets begins and ends, with its brackets, but for those in quotes."""
    if len(line) > LONGEST_SPLIT or ("(" not in line and "[" not in line and line.isascii()):
        return
    for found in _ASIDE.finditer(line):
        if not in_quotes(line, found.start()):
            yield found.span()


def in_quotes(line: str, at: int) -> bool:
    """Whether a place in a line is inside quotes that were opened before it."""
    before = line[:at]
    if before.count('"') % 2:
        return True
    return any(before.rfind(sign) > before.rfind(closing) for sign, closing in _OPENING.items() if sign in before)
