"""Whatever a file holds, checking it ends soon: nothing grows with the square of what is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.front import HEAD, check_text
from tests.support.work import LINEAR, growth

MANY = 8_000
UNKNOWN = "many unknown names beside many known ones"


def each(line: str, count: int) -> str:
    """A line so many times, each with its number where a `#` is."""
    return "".join(line.replace("#", str(number)) for number in range(count))


def listed(item: str, count: int, between: str = ",") -> str:
    """An item so many times in a line, each with its number where a `#` is."""
    return between.join(item.replace("#", str(number)) for number in range(count))


HOSTILE: dict[str, tuple[int, Callable[[int], str]]] = {
    "a prompt of ten million characters": (3_300_000, lambda n: "shot s 3s\n  " + "x y" * n + "\n"),
    "a million lines": (500_000, lambda n: "shot s 3s\n" + "  中\n" * n),
    "many tags in a line": (100_000, lambda n: "let a = A\nshot s 3s\n  " + "{{ a }}" * n + "\n"),
    "many tags over many lines with errors": (20_000, lambda n: "shot s 3s\n" + "  {{ nope }}\n" * n),
    UNKNOWN: (
        MANY,
        lambda n: each("let known# = K\n", n) + "shot s 3s\n" + each("  {{ unknwon# }}\n", n),
    ),
    "a long loop value in many addresses": (
        9_000,
        lambda n: f'for x in "{"x" * 11 * n}"\n  for n in 1..{n}\n    shot s 3s\n      A\n',
    ),
    "a long suffix under many shots": (
        MANY,
        lambda n: "scene a\n  .suffix " + "x" * 6 * n + "\n" + each("shot s# 3s\n  A\n", n),
    ),
    "a suffix of megabytes": (3_000_000, lambda n: "scene a\n  .suffix " + "x" * n + "\nshot s 3s\n  A\n"),
    "many negatives, changed often": (
        MANY,
        lambda n: "scene a\n  .negative " + listed("n#", n) + "\n" + each("shot s# 3s\n  .negative + m#\n  A\n", n),
    ),
    "many negatives taken away that are not there": (
        4_000,
        lambda n: f"scene a\n  .negative {listed('n#', n)}\n  .negative - {listed('m#', n)}\nshot s 3s\n  A\n",
    ),
    "many parameters": (
        5_000,
        lambda n: f"phrase p({listed('a#', 500, ', ')})\n  x\nfor n in 1..{n}\n  shot s 3s\n"
        f"    {{{{ p({listed('a#=1', 500, ', ')}) }}}}\n",
    ),
    "many calls within a tag": (
        1_600,
        lambda n: "phrase p()\n  x\nphrase q(a)\n  {{ a }}\nshot s 3s\n  {{ q(" + "p(), " * n + ") }}\n",
    ),
    "errors called a hundred thousand times": (
        300,
        lambda n: "phrase p(x)\n  " + "{{ x | join(true) }}" * 10 + "\nphrase q(x)\n  " + "{{ p(x) }}" * n
        + "\nshot s 3s\n  " + "{{ q('y') }}" * n + "\n",
    ),
    "many scenes": (MANY, lambda n: each("scene s#\nshot s 3s\n  A\n", n)),
    "many lost statements": (MANY, lambda n: each("scene s#\nrain falls\n", n)),
    "many clashes": (MANY, lambda n: each("let a = A\n", n)),
    "many settings": (
        3_000,
        lambda n: each("shot s# 3s\n  .mode fast\n  .moed pro\n  .model nope\n  A\n", n),
    ),
    "many imports of one name": (MANY, lambda n: each("for x# in a\n  shot s# 3s\n    {{ x# }}\n", n)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_check_of_hostile_text_ends(tmp_path: Path, name: str) -> None:
    size, text = HOSTILE[name]
    checked = check_text(tmp_path, HEAD + text(size))
    assert checked.diagnostics or checked.story


@pytest.mark.parametrize(
    "name", [known for known in HOSTILE if known != UNKNOWN]
)  # what is compared for suggestions has a limit of its own
def test_work_of_a_check_grows_only_with_the_text(tmp_path: Path, name: str) -> None:
    text = HOSTILE[name][1]
    assert growth(lambda size: check_text(tmp_path, HEAD + text(size)), 100) < LINEAR
