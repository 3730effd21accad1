"""Every document that has a JSON Schema, by the name that `storyboard schema` knows it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storyboard.project.settings import BUILTIN_PROVIDERS, KEYS, LONGEST_PROJECT, LONGEST_SECONDS, MOST_COUNT
from storyboard.report.json_schema import DIALECT, DOCUMENTS, DocumentSchema, Schema


def _one_of(*forms: Schema) -> Schema:
    return {"anyOf": list(forms)}


def _table(values: Schema, **named: Schema) -> Schema:
    return {"type": "object", "properties": named, "additionalProperties": values} if named else _open(values)


def _open(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


def _closed(**named: Schema) -> Schema:
    return {"type": "object", "properties": named, "additionalProperties": False}


_TEXT: Schema = {"type": "string", "pattern": r"\S"}
_COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_COUNT}
_SECONDS = _one_of(
    {"type": "number", "minimum": 0},
    {"type": "string", "pattern": rf"^(?=[\d.]{{1,{LONGEST_SECONDS}}}\D*$)\d+(\.\d+)?\s*(s|m|min|h|)$"},
)
_MONEY = _one_of({"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(USD)?$"})
_ADDRESS: Schema = {"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://"}
_PROTOCOL: Schema = {"enum": ["generation", "queue"]}
_CODES: Schema = {"type": "array", "items": {"type": "string", "pattern": r"^\s*SB\d{3}\s*$"}}
_LINT = {"ignore": _CODES, "error": _CODES}
_PROVIDER = {"base_url": _ADDRESS, "protocol": _PROTOCOL}

_FORMS: Mapping[str, Schema] = {
    "provider": _TEXT,
    "base_url": _ADDRESS,
    "protocol": _PROTOCOL,
    "providers": _table(_table({}, **_PROVIDER), **dict.fromkeys(BUILTIN_PROVIDERS, _closed(**_PROVIDER))),
    "store": _TEXT,
    "project": {"type": "string", "pattern": rf"^\s*[\w-][\w.-]{{0,{LONGEST_PROJECT - 1}}}\s*$"},
    "clips": {"type": "string", "pattern": r"^\s*[a-z0-9]+://\S"},
    "ledger": {"type": "string", "pattern": r"^\s*postgres(ql)?://"},
    "standby": {"enum": ["none", "synchronous", "may-lose"]},
    "concurrency": _COUNT,
    "attempts": _COUNT,
    "resend": {"enum": ["auto", "never"]},
    "wait": _SECONDS,
    "first_poll": _SECONDS,
    "task_life": _SECONDS,
    "budget": _MONEY,
    "prices": _open({}),
    "download_hosts": {"type": "array", "items": _TEXT},
    "lint": _closed(**_LINT, folders=_open(_closed(**_LINT))),
    "animatic": _closed(
        width={"type": "integer", "minimum": 64, "maximum": 3840, "multipleOf": 2},
        fps={"type": "integer", "minimum": 1, "maximum": 60},
    ),
    "variants": _open(_open({"type": "string"})),
}
"""The form of each setting that a project may have."""


def settings_schema() -> Schema:
    """The schema of `storyboard.toml`: every setting that a project may have, as the manual describes it."""
    properties: dict[str, Any] = {
        name: {"description": key.about, **_FORMS[name]} for name, key in KEYS.items() if not key.personal
    }
    return {
        "$schema": DIALECT,
        "title": "Settings",
        "description": "The settings of a project, `storyboard.toml`.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


SCHEMAS: Mapping[str, DocumentSchema] = {
    **DOCUMENTS,
    "settings": DocumentSchema("the settings of a project, `storyboard.toml`, as JSON", settings_schema),
}
