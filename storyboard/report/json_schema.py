"""JSON Schemas of the documents that storyboard prints and reads, made from the types that write them."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from storyboard.fast_named_tuples import NamedTuple

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_SIMPLE: Mapping[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}


class DocumentSchema(NamedTuple):
    """A document that has a schema: what it is, and how the schema is made."""

    about: str
    make: Callable[[], Schema]


def schema_of(kind: type) -> Schema:
    """Return the JSON Schema of a typed dictionary."""
    definitions: dict[str, Schema] = {}
    root = _object(kind, definitions)
    return {"$schema": DIALECT, **root, **({"$defs": definitions} if definitions else {})}


def _object(kind: type, definitions: dict[str, Schema]) -> Schema:
    hints = get_type_hints(kind, include_extras=True)
    optional = {name for name, hint in hints.items() if get_origin(hint) is NotRequired}
    properties = {
        name: _schema(get_args(hint)[0] if name in optional else hint, definitions) for name, hint in hints.items()
    }
    return {
        "title": kind.__name__,
        **({"description": " ".join(kind.__doc__.split())} if kind.__doc__ else {}),
        "type": "object",
        "properties": properties,
        "required": [name for name in hints if name not in optional],
        "additionalProperties": False,
    }


def _schema(hint: Any, definitions: dict[str, Schema]) -> Schema:
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(argument, definitions) for argument in arguments]}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if is_typeddict(hint):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}
            definitions[hint.__name__] = _object(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    raise TypeError(f"no schema for {hint}")


def _typed(name: str, module: str = "document_types") -> Callable[[], Schema]:
    """Return a function that makes the schema of a document of `report`."""

    def make() -> Schema:
        return schema_of(getattr(import_module(f"storyboard.report.{module}"), name))

    return make


def _record(name: str) -> Callable[[], Schema]:
    return _typed(name, "record_document_types")


def _lock_line() -> Schema:
    from storyboard.jobs.lock_line import LockLine

    return schema_of(LockLine)


def _saved_plan() -> Schema:
    from storyboard.plan.plan_file import SavedPlan

    return schema_of(SavedPlan)


def _manifest() -> Schema:
    from storyboard.film.manifest import Manifest

    return schema_of(Manifest)


def _review_notes() -> Schema:
    from storyboard.film.review_notes import ReviewFile

    return schema_of(ReviewFile)


def _provenance() -> Schema:
    from storyboard.film.provenance import Provenance

    return schema_of(Provenance)


def _payload() -> Schema:
    from storyboard.providers.kirin.payload_form import PayloadForm

    return {"$schema": DIALECT, **PayloadForm.model_json_schema()}


def _model_card() -> Schema:
    from storyboard.cards.form import CardForm

    return {"$schema": DIALECT, **CardForm.model_json_schema()}


DOCUMENTS: Mapping[str, DocumentSchema] = {
    "shot-list": DocumentSchema("a shot list that `import` turns into a story", _typed("ShotListDocument")),
    "findings": DocumentSchema("what `lint --json` prints", _typed("FindingsDocument")),
    "plan": DocumentSchema("what `plan --json` prints", _typed("PlanDocument")),
    "compile": DocumentSchema("what `compile --json` prints", _typed("CompileDocument")),
    "build": DocumentSchema("what `build --json` prints", _typed("BuildDocument")),
    "import": DocumentSchema("what `import --json` prints", _typed("ImportDocument")),
    "doctor": DocumentSchema("what `doctor --json` prints", _typed("DoctorDocument")),
    "compile-check": DocumentSchema("what `compile --check --json` prints", _record("CompileCheckDocument")),
    "fmt": DocumentSchema("what `fmt --json` prints", _record("LayoutDocument")),
    "status": DocumentSchema("what `status --json` prints", _record("StatusDocument")),
    "costs": DocumentSchema("what `costs --json` prints", _record("CostsDocument")),
    "team-costs": DocumentSchema("what `costs --team --json` prints", _record("TeamCostsDocument")),
    "log-line": DocumentSchema("a line of `build --log json`", _record("LogLineDocument")),
    "resolve": DocumentSchema("what `resolve --json` prints", _record("ResolvedDocument")),
    "take-over": DocumentSchema("what `resolve --take-over --json` prints", _record("TakenOverDocument")),
    "prune": DocumentSchema("what `lock prune --json` prints", _record("PrunedDocument")),
    "store": DocumentSchema("what `store ls --json` prints", _record("StoreDocument")),
    "store-verify": DocumentSchema("what `store verify --json` prints", _record("VerifiedClipsDocument")),
    "store-release": DocumentSchema("what `store release --json` prints", _record("ReleasedPricesDocument")),
    "store-gc": DocumentSchema("what `store gc --json` prints", _record("SweepDocument")),
    "store-copy": DocumentSchema("what `store pull --json` and `push --json` print", _record("StoreCopyDocument")),
    "store-migrate": DocumentSchema("what `store migrate --json` prints", _record("MigrationDocument")),
    "store-fetch": DocumentSchema("what `store pull --json` prints of a bucket", _record("FetchedClipsDocument")),
    "store-push": DocumentSchema("what `store push --json` prints of a bucket", _record("PushedClipsDocument")),
    "bucket-gc": DocumentSchema("what `store gc --bucket --json` prints", _record("BucketSweepDocument")),
    "models": DocumentSchema("what `models --json` prints", _record("ModelsDocument")),
    "rules": DocumentSchema("what `explain --json` prints of codes", _record("RulesDocument")),
    "manual": DocumentSchema("what `explain NAME --json` prints of other names", _record("ManualDocument")),
    "notes": DocumentSchema("a reviewer's notes, as the contact sheet saves them", _review_notes),
    "payload": DocumentSchema("a job as the gateway takes it, whatever the model", _payload),
    "manifest": DocumentSchema("`build/NAME/manifest.json`", _manifest),
    "provenance": DocumentSchema("what `export provenance` writes", _provenance),
    "saved-plan": DocumentSchema("what `plan --out` writes and `build --plan` reads", _saved_plan),
    "lock-line": DocumentSchema("a line of a `.story.lock`, after the first", _lock_line),
    "model-card": DocumentSchema("a model card, `cards/NAME.toml`, as JSON", _model_card),
}
"""The documents that commands write and read, by the names that `storyboard schema` knows them by."""
