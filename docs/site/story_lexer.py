"""Stories in colour, for Pygments."""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Text

from editors.highlighting import COMMENT, HEADER_STARTS, IN_HEADERS, IN_TEXT, NAMED_TEXT, SETTING, HighlightKind

TOKENS = {
    HighlightKind.COMMENT: Comment.Single,
    HighlightKind.KEYWORD: Keyword,
    HighlightKind.SETTING: Name.Attribute,
    HighlightKind.STRING: String.Double,
    HighlightKind.LENGTH: Number,
    HighlightKind.WORD: Operator.Word,
    HighlightKind.NAME: Name.Variable,
    HighlightKind.FILLED_IN: String.Interpol,
}


class StoryLexer(RegexLexer):  # type: ignore[misc]
    """The language of storyboard."""

    name = "storyboard"
    aliases: ClassVar[list[str]] = ["story"]
    filenames: ClassVar[list[str]] = ["*.story"]
    tokens: ClassVar = {
        "root": [
            (COMMENT.pattern, TOKENS[COMMENT.kind]),
            (NAMED_TEXT, bygroups(Keyword, Name.Variable), "text"),
            *((pattern, Keyword, "header") for pattern in HEADER_STARTS),
            (rf"({SETTING.pattern.removeprefix('^')})", bygroups(TOKENS[SETTING.kind]), "text"),
            (r"", Text, "text"),
        ],
        "header": [
            (r"\n", Text, "#pop"),
            *((rule.pattern, TOKENS[rule.kind]) for rule in IN_HEADERS),
            (r"[^\S\n]+|\w+|.", Text),
        ],
        "text": [
            (r"\n", Text, "#pop"),
            *((rule.pattern, TOKENS[rule.kind]) for rule in IN_TEXT),
            (r"[^\n{]+|\{", Text),
        ],
    }
