"""The keywords: the body that each takes, and the form of its header."""

from __future__ import annotations

from enum import Enum, auto

from storyboard.fast_named_tuples import NamedTuple


class Takes(Enum):
    """What may be indented under a header."""

    NOTHING = auto()
    TEXT = auto()
    SETTINGS = auto()
    """Settings, then text."""
    STATEMENTS = auto()


class StatementForm(NamedTuple):
    """A keyword's body and its header by example."""

    takes: Takes
    example: str
    nests: bool = False
    """Whether it is allowed in the body of a `template` or `for`."""


FORMS = {
    "edition": StatementForm(Takes.NOTHING, "edition 1"),
    "story": StatementForm(Takes.SETTINGS, 'story "Title" 30s'),
    "import": StatementForm(Takes.NOTHING, 'import "path.story" as name'),
    "let": StatementForm(Takes.TEXT, "let name = text"),
    "param": StatementForm(Takes.NOTHING, "param name = text"),
    "phrase": StatementForm(Takes.TEXT, 'phrase name(who, lens = "50mm")'),
    "template": StatementForm(Takes.STATEMENTS, "template name(who, hold = 4s)"),
    "use": StatementForm(Takes.NOTHING, 'use name(mei, "the river", hold = 5s) as label', nests=True),
    "for": StatementForm(Takes.STATEMENTS, "for name in north, south", nests=True),
    "scene": StatementForm(Takes.SETTINGS, 'scene name "Title" 12s'),
    "shot": StatementForm(Takes.SETTINGS, "shot name 5s", nests=True),
    "split": StatementForm(Takes.NOTHING, "split", nests=True),
}
"""Every keyword at column 0."""

NESTED = {keyword: form for keyword, form in FORMS.items() if form.nests}
"""Those of a template's or loop's body."""

OTHER_WORDS = {
    **dict.fromkeys(
        ("char", "character", "cast", "person", "var", "variable", "set", "const", "define", "def", "角色", "人物"),
        "let",
    ),
    **dict.fromkeys(("macro", "snippet", "function", "func", "fn"), "phrase"),
    **dict.fromkeys(("include", "require", "load", "from"), "import"),
    **dict.fromkeys(
        (
            "film",
            "movie",
            "project",
            "title",
            "storyboard",
            *["故事", "影片", "电影", "物語", "이야기", "قصة", "история", "historia"],
        ),
        "story",
    ),
    **dict.fromkeys(
        (
            "clip",
            "panel",
            "frame",
            *[
                "镜头",
                "鏡頭",
                "分镜",
                "镜",
                "カット",
                "ショット",
                "컷",
                "샷",
                "لقطة",
                "שוט",
                "शॉट",
                "кадр",
                "plano",
                "toma",
            ],
        ),
        "shot",
    ),
    **dict.fromkeys(
        (
            "sequence",
            "act",
            "part",
            "section",
            *[
                "场景",
                "場景",
                "场次",
                "シーン",
                "장면",
                "مشهد",
                "סצנה",
                "दृश्य",
                "сцена",
                "escena",
                "scène",
                "szene",
                "cena",
            ],
        ),
        "scene",
    ),
    **dict.fromkeys(("foreach", "repeat", "loop"), "for"),
    **dict.fromkeys(("call", "apply", "insert"), "use"),
}
"""What other languages call the statements, and the keyword that is meant."""


def form_of(keyword: str) -> str:
    """Return the help line that shows a header's form."""
    return f"its form: `{FORMS[keyword].example}`"
