"""Reads one file of shots with one reader: `python readers.py READER FILE`.

A process of its own for each reader, in an environment that has it; it knows nothing of the rest of the bench. It
prints CPU seconds, how many bytes the peak of memory rose by, and what stands for the shots that were read.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Shot = tuple[str, str, str, str]
"""Name, seconds, mode, prompt."""
Reader = tuple[Callable[[str], Any], Callable[[Any], Iterator[Shot]]]
"""From text to what the reader makes of it, which is measured; from that to the shots, which is not."""

UNIT = 1 if sys.platform == "darwin" else 1024


def storyboard() -> Reader:
    from storyboard.source import Source
    from storyboard.syntax import parse
    from storyboard.syntax.tree import DurationValue, ShotDecl

    def shots(read: Any) -> Iterator[Shot]:
        assert not read.diagnostics
        for each in read.value.statements:
            if isinstance(each, ShotDecl) and isinstance(each.length, DurationValue) and each.body.text:
                mode = each.body.settings[0].value.raw
                yield each.name.text, str(each.length.seconds), mode, each.body.text.raw

    return lambda text: parse(Source(Path("film.story"), text)), shots


def pyyaml_c() -> Reader:
    import yaml

    return lambda text: yaml.load(text, yaml.CSafeLoader), _listed


def pyyaml() -> Reader:
    import yaml

    return lambda text: yaml.load(text, yaml.SafeLoader), _listed


def tomllib() -> Reader:
    import tomllib

    return tomllib.loads, lambda read: _listed(read["shot"])


def hcl() -> Reader:
    import hcl2

    def shots(read: Any) -> Iterator[Shot]:
        for each in read["shot"]:
            ((name, body),) = each.items()
            yield _bare(name), str(body["duration"]), _bare(body["mode"]), _bare(body["prompt"])

    return hcl2.loads, shots


def fountain() -> Reader:
    from screenplay_tools.fountain.parser import Parser
    from screenplay_tools.screenplay import ElementType

    def read(text: str) -> Any:
        parser = Parser()
        parser.add_text(text)
        return parser.script

    def shots(read: Any) -> Iterator[Shot]:
        heading = None
        for each in read.elements:
            if each.type is ElementType.HEADING:
                heading = each
            elif heading is not None and each.text.strip():
                seconds, mode = heading.text.split()
                yield heading.scene_number, seconds, mode, each.text.strip()

    return read, shots


READERS: dict[str, Callable[[], Reader]] = {
    "storyboard": storyboard,
    "PyYAML, C": pyyaml_c,
    "PyYAML": pyyaml,
    "tomllib": tomllib,
    "python-hcl2": hcl,
    "screenplay-tools": fountain,
}


def _listed(read: Any) -> Iterator[Shot]:
    return ((each["name"], str(each["duration"]), each["mode"], each["prompt"]) for each in read)


def _bare(text: str) -> str:
    """Without the quotes that python-hcl2 leaves."""
    return text.strip('"')


def digest(shots: Iterator[Shot]) -> str:
    """Stands for shots, in order."""
    return hashlib.sha256("\n".join("\t".join(shot) for shot in shots).encode()).hexdigest()


def main() -> None:
    """Measures one reader."""
    name, file = sys.argv[1:]
    text = Path(file).read_text(encoding="utf-8")
    read, shots = READERS[name]()
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    result = read(text)
    cpu = time.process_time() - started
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * UNIT
    print(json.dumps({"cpu": cpu, "memory": memory, "shots": digest(shots(result))}))


if __name__ == "__main__":
    main()
