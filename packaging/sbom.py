"""Write a software bill of materials as CycloneDX 1.6 JSON: `python packaging/sbom.py > sbom.json`.

It lists storyboard and everything that this environment has installed for it, with versions and licences. What an
extra needs is listed where it is installed. With SOURCE_DATE_EPOCH the document is the same bytes each time.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

from packaging.requirements import Requirement

OURS = "storyboard-dsl"
BUNDLED = {
    "av": "The wheels hold FFmpeg with x264 and x265, which are under the GPL 2 or later.",
}
"""What a licence field does not say."""


def installed(name: str) -> Iterator[tuple[Distribution, list[str]]]:
    """A distribution and all that it needs, directly or not, each with the names that it needs itself."""
    todo, seen = [name], set[str]()
    while todo:
        current = normal(todo.pop())
        if current in seen:
            continue
        seen.add(current)
        try:
            found = distribution(current)
        except PackageNotFoundError:
            continue
        needs = sorted({normal(each) for each in needed(found)})
        present = [each for each in needs if is_installed(each)]
        yield found, present
        todo += present


def needed(found: Distribution) -> Iterator[str]:
    """The names that a distribution requires here; of ours, with all extras."""
    extras = found.metadata.get_all("Provides-Extra") or [] if normal(found.name) == OURS else []
    for text in found.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement.name


def is_installed(name: str) -> bool:
    """Whether this environment has it."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def normal(name: str) -> str:
    """A name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def component(found: Distribution) -> dict[str, Any]:
    """One entry."""
    name = normal(found.name)
    reference = f"pkg:pypi/{name}@{found.version}"
    entry: dict[str, Any] = {
        "type": "application" if name == OURS else "library",
        "bom-ref": reference,
        "name": name,
        "version": found.version,
        "purl": reference,
    }
    licence = licence_of(found)
    if licence:
        entry["licenses"] = [licence]
    if name in BUNDLED:
        entry["description"] = BUNDLED[name]
    return entry


def licence_of(found: Distribution) -> dict[str, Any] | None:
    """What its metadata says: an SPDX expression, else the classifiers, else the first line of the licence field."""
    expression = found.metadata.get("License-Expression")
    if expression:
        return {"expression": expression}
    classifiers = [each for each in found.metadata.get_all("Classifier") or () if each.startswith("License :: ")]
    names = [each.rpartition(" :: ")[2] for each in classifiers] or (found.metadata.get("License") or "").split("\n")[
        :1
    ]
    said = " and ".join(filter(None, names))
    return {"license": {"name": said}} if said else None


def document() -> dict[str, Any]:
    """The whole bill."""
    parts = sorted(installed(OURS), key=lambda part: normal(part[0].name))
    references = {normal(found.name): f"pkg:pypi/{normal(found.name)}@{found.version}" for found, _ in parts}
    ours = next(found for found, _ in parts if normal(found.name) == OURS)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    when = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": component(ours)},
        "components": [component(found) for found, _ in parts if found is not ours],
        "dependencies": [
            {"ref": references[normal(found.name)], "dependsOn": [references[each] for each in needs]}
            for found, needs in parts
        ],
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
