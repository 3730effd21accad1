"""The page: what was measured, part by part, and the words that stand in `prose/`.

A part that was not measured here keeps what the page told of it before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bench.parts import PARTS, Part
from bench.rows import Rows, kept
from bench.verdicts import HELD, MISSED, verdict_table

PROSE = Path(__file__).with_name("prose")


def page(folder: Path, before: str) -> str:
    """All of it, from the rows that are kept in a folder and from the page as it was."""
    parts = [_part(part, kept(folder, part.name), before) for part in PARTS]
    return "\n".join([_words("head"), _summary("\n".join(parts)), *parts, _words("foot")])


def _part(part: Part, found: Rows | None, before: str) -> str:
    words = f"\n{_words(part.name)}" if (PROSE / f"{part.name}.md").exists() else ""
    return f"## {part.title}\n{words}\n{_measured(part, found, before)}"


def _measured(part: Part, found: Rows | None, before: str) -> str:
    begin, end = f"<!-- measured: {part.name} -->\n", "<!-- end -->\n"
    if found is None:
        told = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", before, re.DOTALL)
        return told[0] if told else f"{begin}\nNot measured.\n\n{end}"
    judged = verdict_table(part.verdicts(found))
    return f"{begin}\n{found.about}\n\n{judged}\n{part.page(found)}\n{end}"


def _summary(parts: str) -> str:
    """How many aims were reached, and which were not."""
    judged = re.findall(r"^\| (.*) \| (.*) \| (.*) \|$", parts, re.MULTILINE)
    missed = [f"- {aim}: {measured}\n" for aim, measured, word in judged if word == MISSED]
    held = sum(word == HELD for _, _, word in judged)
    if not held and not missed:
        return "No aim was measured.\n"
    told = f"Of {held + len(missed)} aims {held} were reached"
    return f"{told}, and these were missed:\n\n{''.join(missed)}" if missed else f"{told}.\n"


def _words(name: str) -> str:
    return (PROSE / f"{name}.md").read_text(encoding="utf-8")


def prose() -> Iterator[Path]:
    """Every file of words that the page is made of."""
    return iter(sorted(PROSE.glob("*.md")))
