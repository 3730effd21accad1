"""JSON Schemas of the documents that storyboard prints and reads, made from the types that write them."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

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
    """The JSON Schema of a typed dictionary."""
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


def _findings() -> Schema:
    from storyboard.report.document_types import FindingsDocument

    return schema_of(FindingsDocument)


def _plan() -> Schema:
    from storyboard.report.document_types import PlanDocument

    return schema_of(PlanDocument)


def _compile() -> Schema:
    from storyboard.report.document_types import CompileDocument

    return schema_of(CompileDocument)


def _build() -> Schema:
    from storyboard.report.document_types import BuildDocument

    return schema_of(BuildDocument)


def _doctor() -> Schema:
    from storyboard.report.document_types import DoctorDocument

    return schema_of(DoctorDocument)


def _import() -> Schema:
    from storyboard.report.document_types import ImportDocument

    return schema_of(ImportDocument)


def _shot_list() -> Schema:
    from storyboard.report.document_types import ShotListDocument

    return schema_of(ShotListDocument)


def _lock_line() -> Schema:
    from storyboard.jobs.lockfile import LockLine

    return schema_of(LockLine)


def _manifest() -> Schema:
    from storyboard.film.manifest import Manifest

    return schema_of(Manifest)


def _provenance() -> Schema:
    from storyboard.film.provenance import Provenance

    return schema_of(Provenance)


def _payload() -> Schema:
    from storyboard.providers.kirin.payload_form import PayloadForm

    return {"$schema": DIALECT, **PayloadForm.model_json_schema()}


def _model_card() -> Schema:
    from storyboard.cards.form import CardForm

    return {"$schema": DIALECT, **CardForm.model_json_schema()}


SCHEMAS: Mapping[str, DocumentSchema] = {
    "shot-list": DocumentSchema("a shot list that `import` turns into a story", _shot_list),
    "findings": DocumentSchema("what `lint --json` prints", _findings),
    "plan": DocumentSchema("what `plan --json` prints", _plan),
    "compile": DocumentSchema("what `compile --json` prints", _compile),
    "build": DocumentSchema("what `build --json` prints", _build),
    "import": DocumentSchema("what `import --json` prints", _import),
    "doctor": DocumentSchema("what `doctor --json` prints", _doctor),
    "payload": DocumentSchema("a job as the gateway takes it, whatever the model", _payload),
    "manifest": DocumentSchema("`build/NAME/manifest.json`", _manifest),
    "provenance": DocumentSchema("what `export provenance` writes", _provenance),
    "lock-line": DocumentSchema("a line of a `.story.lock`, after the first", _lock_line),
    "model-card": DocumentSchema("a model card, `cards/NAME.toml`, as JSON", _model_card),
}
"""Every document that has a schema, by the name that `storyboard schema` knows it by."""
