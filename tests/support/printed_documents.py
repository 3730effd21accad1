"""Every document that a command prints in any test is valid by the schema that `storyboard schema` prints for it, as
jsonschema judges."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from storyboard.project.schemas import SCHEMAS

_BY_COMMAND = {
    "lint": "findings",
    "check-clips": "findings",
    "reroll": "build",
    "lock": "prune",
    **{
        name: name
        for name in ("plan", "compile", "build", "import", "doctor", "fmt", "status", "costs", "resolve", "models")
    },
}
_BY_STORE_COMMAND = {
    "ls": "store",
    "check": "doctor",
    "verify": "store-verify",
    "gc": "store-gc",
    "pull": "store-copy",
    "push": "store-copy",
    "migrate": "store-migrate",
}

_BY_BUCKET_COMMAND = {"pull": "store-fetch", "push": "store-push", "gc": "bucket-gc"}


@cache
def validator(name: str) -> Draft202012Validator:
    """What judges documents of a name."""
    return Draft202012Validator(SCHEMAS[name].make())


def schema_for(arguments: Sequence[str], document: Any) -> str | None:
    """The name of the schema of what a command prints; None where it prints no document of its own."""
    command = next(iter(arguments), "")
    if command == "store":
        known = _BY_BUCKET_COMMAND if "bucket" in document else _BY_STORE_COMMAND
        return known.get(arguments[1])
    if command == "explain":
        return "rules" if "rules" in document else "manual"
    if command == "notes":
        return "findings"
    if command == "resolve" and "--take-over" in arguments:
        return "take-over"
    if command == "build" and "--dry-run" in arguments:
        return "plan"
    if command == "compile" and "--check" in arguments:
        return "compile-check"
    if command == "costs" and "--team" in arguments:
        return "team-costs"
    if "done" in document and command == "costs":
        return "resolve"
    return _BY_COMMAND.get(command)


def check_printed(arguments: Sequence[str], out: str) -> None:
    """Raise AssertionError for a document that its schema does not allow."""
    if "--json" not in arguments or not out.startswith("{"):
        return
    document = json.loads(out)
    name = schema_for(arguments, document)
    problems = (
        [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(document)] if name else []
    )
    assert problems == [], f"{' '.join(arguments)}: not valid by `storyboard schema {name}`"
