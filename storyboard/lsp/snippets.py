"""Snippets for keywords: for the language server, and for editors with snippet files."""

from __future__ import annotations

from collections.abc import Mapping

SNIPPETS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "story": ("A story", ('story "${1:Title}" ${2:30s}', "  .model ${3:kirin_v3_t2v}", "", "$0")),
    "scene": ("A scene", ('scene ${1:name} "${2:Title}"', "  ${3:Where it plays.}", "", "$0")),
    "shot": ("A shot", ("shot ${1:name} ${2:5s}", "  ${3:What is seen.}", "$0")),
    "let": ("A text with a name", ("let ${1:name} = ${2:text}", "$0")),
    "param": ("A text that --set can change", ("param ${1:name} = ${2:text}", "$0")),
    "phrase": ("A text with parameters", ("phrase ${1:name}(${2:who})", "  {{ ${2:who} }} ${3:walks on.}", "$0")),
    "template": ("Shots with parameters", ("template ${1:name}(${2:who})", "  shot ${3:wide} ${4:5s}", "    $0")),
    "use": ("Shots of a template", ("use ${1:name}(${2:who})", "$0")),
    "for": ("Shots in a loop", ("for ${1:side} in ${2:north, south}", "  shot ${3:wide} ${4:5s}", "    $0")),
    "import": ("Another file", ('import "${1:library.story}"', "$0")),
}
"""The purpose of each keyword, and the lines of its snippet."""


def snippet_of(keyword: str) -> str:
    """Return the snippet of a keyword; "" if it has none."""
    return "\n".join(SNIPPETS[keyword][1]) if keyword in SNIPPETS else ""
