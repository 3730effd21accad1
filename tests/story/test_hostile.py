"""Whatever a file holds, checking it ends soon: nothing grows with the square of what is written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.front import HEAD, check_text

SECONDS = 12
"""Of processor time, on a slow and busy machine; each of these takes one or two on a quiet one."""

MANY = 8_000

HOSTILE = {
    "a prompt of ten million characters": "shot s 3s\n  " + "x y" * 3_300_000 + "\n",
    "a million lines": "shot s 3s\n" + "  中\n" * 500_000,
    "many tags in a line": "let a = A\nshot s 3s\n  " + "{{ a }}" * 100_000 + "\n",
    "many tags over many lines with errors": "shot s 3s\n" + "  {{ nope }}\n" * 20_000,
    "many unknown names beside many known ones": "".join(f"let known{n} = K\n" for n in range(MANY))
    + "shot s 3s\n"
    + "".join(f"  {{{{ unknwon{n} }}}}\n" for n in range(MANY)),
    "a long loop value in many addresses": f'for x in "{"x" * 100_000}"\n  for n in 1..9000\n    shot s 3s\n      A\n',
    "a long suffix under many shots": "scene a\n  .suffix "
    + "x" * 49_000
    + "\n"
    + "".join(f"shot s{n} 3s\n  A\n" for n in range(MANY)),
    "a suffix of megabytes": "scene a\n  .suffix " + "x" * 3_000_000 + "\nshot s 3s\n  A\n",
    "many negatives, changed often": "scene a\n  .negative "
    + ",".join(f"n{n}" for n in range(5_000))
    + "\n"
    + "".join(f"shot s{n} 3s\n  .negative + m{n}\n  A\n" for n in range(MANY)),
    "many negatives taken away that are not there": "scene a\n  .negative "
    + ",".join(f"n{n}" for n in range(4_000))
    + "\n  .negative - "
    + ",".join(f"m{n}" for n in range(4_000))
    + "\nshot s 3s\n  A\n",
    "many parameters": f"phrase p({', '.join(f'a{n}' for n in range(500))})\n  x\n"
    "for n in 1..5000\n  shot s 3s\n    {{ p(" + ", ".join(f"a{n}=1" for n in range(500)) + ") }}\n",
    "many calls within a tag": "phrase p()\n  x\nphrase q(a)\n  {{ a }}\nshot s 3s\n"
    "  {{ q(" + "p(), " * 1600 + ") }}\n",
    "errors called a hundred thousand times": "phrase p(x)\n  "
    + "{{ x | join(true) }}" * 10
    + "\nphrase q(x)\n  "
    + "{{ p(x) }}" * 300
    + "\nshot s 3s\n  "
    + "{{ q('y') }}" * 300
    + "\n",
    "many scenes": "".join(f"scene s{n}\nshot s 3s\n  A\n" for n in range(MANY)),
    "many lost statements": "".join(f"scene s{n}\nrain falls\n" for n in range(MANY)),
    "many clashes": "".join("let a = A\n" for n in range(MANY)),
    "many settings": "".join(f"shot s{n} 3s\n  .mode fast\n  .moed pro\n  .model nope\n  A\n" for n in range(3_000)),
    "many imports of one name": "".join(f"for x{n} in a\n  shot s{n} 3s\n    {{{{ x{n} }}}}\n" for n in range(MANY)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_check_of_hostile_text_ends_quickly(tmp_path: Path, name: str) -> None:
    begun = time.process_time()
    checked = check_text(tmp_path, HEAD + HOSTILE[name])
    assert time.process_time() - begun < SECONDS
    assert checked.diagnostics or checked.story
