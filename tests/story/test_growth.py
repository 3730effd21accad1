"""Twice as much takes twice as many steps, from the text to its jobs: counted, so that no clock is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.front import HEAD, check_text

FEW = 100
MOST = 2.1
"""What grows with a logarithm has room here; a square would be four."""

GROWING: dict[str, Callable[[int], str]] = {
    "shots": lambda n: "".join(f"shot s{i} 3s\n  Boat {i}.\n" for i in range(n)),
    "scenes": lambda n: "".join(f'scene c{i} "C" 3s\n  At {i}.\nshot s 3s\n  {{{{ scene.text }}}}\n' for i in range(n)),
    "names": lambda n: "".join(f"let a{i} = A\nshot s{i} 3s\n  {{{{ a{i} }}}}\n" for i in range(n)),
    "lets that need each other": lambda n: (
        "let a0 = A\n" + "".join(f"let a{i} = {{{{ a{i - 1} }}}}\n" for i in range(1, n))
    ),
    "calls": lambda n: (
        "phrase p(x)\n  {{ x }}!\n" + "".join(f'shot s{i} 3s\n  {{{{ p("a{i}") }}}}\n' for i in range(n))
    ),
    "conditions": lambda n: (
        "shot s 3s\n" + "".join(f'  {{% if "a" == "b{i}" %}}x{{% endif %}}\n' for i in range(n)) + "  A\n"
    ),
    "uses": lambda n: "template t(x)\n  shot s 3s\n    {{ x }}\n" + "".join(f"use t({i}) as u{i}\n" for i in range(n)),
    "values of a loop": lambda n: f"for x in {', '.join(f'v{i}' for i in range(n))}\n  shot s 3s\n    {{{{ x }}}}\n",
    "settings": lambda n: "".join(f"shot s{i} 3s\n  .negative + n{i}\n  .suffix S{i}\n  A\n" for i in range(n)),
    "unknown names": lambda n: "shot s 3s\n" + "".join(f"  {{{{ no{i} }}}}\n" for i in range(n)),
    "unknown settings": lambda n: "".join(f"shot s{i} 3s\n  .moed{i} pro\n  A\n" for i in range(n)),
    "unknown keywords": lambda n: "".join(f"shto s{i} 3s\n  A\n" for i in range(n)),
    "broken headers": lambda n: "".join(f'use t("a{i}", x y\nimport "a{i}\nshot: s{i} 3 s\n' for i in range(n)),
    "names twice": lambda n: "".join("let a = A\nshot s 3s\n  {{ a }}\n" for _ in range(n)),
    "a long text": lambda n: "shot s 3s\n" + "  灯笼，\n\n" * n,
    "comments": lambda n: "# a\n" * n + "shot s 3s\n  A\n",
    "strays": lambda n: ".mode pro\n// no\n\u3000wide\n" * n,
    "blocks": lambda n: "".join(f"for x{i} in a, b\n  split\n  shot s{i} 3s\n    A\n" for i in range(n)),
}


def steps(work: Callable[[], object]) -> int:
    """How often Python calls something."""
    count = 0

    def seen(_frame: object, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def read(folder: Path, text: str) -> None:
    check_text(folder, HEAD + text)


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_linearly(tmp_path: Path, name: str) -> None:
    make = GROWING[name]
    read(tmp_path, make(4 * FEW))  # what is remembered is remembered
    once, twice, fourfold = (steps(partial(read, tmp_path, make(n))) for n in (FEW, 2 * FEW, 4 * FEW))
    assert twice - once > FEW
    assert fourfold - twice < MOST * (twice - once)
