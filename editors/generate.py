"""Write what editors read and what follows from the language: `python editors/generate.py`. A test says when one is
stale."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from editors.highlighting import (  # noqa: E402
    COMMENT,
    HEADER_STARTS,
    IN_HEADERS,
    IN_TEXT,
    NAMED_TEXT,
    SETTING,
    HighlightKind,
)
from storyboard.lsp.snippets import SNIPPETS  # noqa: E402

VSCODE = ROOT / "editors" / "vscode"


def files() -> Mapping[Path, str]:
    """Each file and what it has to hold."""
    return {
        VSCODE / "syntaxes" / "story.tmLanguage.json": _json(text_mate_grammar()),
        VSCODE / "snippets" / "story.json": _json(snippets()),
    }


def text_mate_grammar() -> dict[str, Any]:
    """The grammar that VS Code, Sublime Text and others read."""
    headers = [
        {
            "begin": pattern,
            "end": "$",
            "beginCaptures": {"0": {"name": str(HighlightKind.KEYWORD)}},
            "patterns": [_rule(rule.kind, rule.pattern) for rule in IN_HEADERS],
        }
        for pattern in HEADER_STARTS
    ]
    named_text = {
        "begin": NAMED_TEXT,
        "end": "$",
        "beginCaptures": {"1": {"name": str(HighlightKind.KEYWORD)}, "2": {"name": str(HighlightKind.NAME)}},
        "patterns": [_rule(rule.kind, rule.pattern) for rule in IN_TEXT],
    }
    setting = {
        "begin": SETTING.pattern,
        "end": "$",
        "beginCaptures": {"0": {"name": str(SETTING.kind)}},
        "patterns": [_rule(rule.kind, rule.pattern) for rule in IN_TEXT],
    }
    text = [_rule(rule.kind, rule.pattern) for rule in IN_TEXT]
    return {
        "name": "storyboard",
        "scopeName": "source.story",
        "fileTypes": ["story"],
        "patterns": [_rule(COMMENT.kind, COMMENT.pattern), named_text, *headers, setting, *text],
    }


def _rule(kind: HighlightKind, pattern: str) -> dict[str, str]:
    return {"name": str(kind), "match": pattern}


def snippets() -> dict[str, Any]:
    """A form of each statement, to be filled in."""
    return {
        about: {"prefix": prefix, "body": list(body), "description": about}
        for prefix, (about, body) in SNIPPETS.items()
    }


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
