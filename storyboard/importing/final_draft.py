"""Read Final Draft's FDX, the XML of a screenplay, into the same elements as Fountain."""

from __future__ import annotations

from xml.parsers import expat

from storyboard.importing.fountain import Element, ElementKind

_KINDS: dict[str, ElementKind] = {
    "Scene Heading": "heading",
    "Action": "action",
    "General": "action",
    "Shot": "action",
    "Character": "character",
    "Parenthetical": "parenthetical",
    "Dialogue": "dialogue",
    "Transition": "transition",
    "Lyrics": "lyrics",
}


class NotFinalDraft(Exception):
    """A text is not a Final Draft screenplay; `line` is where that shows."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


def read_final_draft(text: str) -> list[Element]:
    """Return every element of the screenplay, its title page last. Raises NotFinalDraft."""
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode(), True)
    except expat.ExpatError as trouble:
        raise NotFinalDraft(expat.ErrorString(trouble.code), trouble.lineno) from trouble
    if not reader.is_final_draft:
        raise NotFinalDraft("it is XML, but not a screenplay of Final Draft", 1)
    return reader.elements


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = self._refuse
        self.elements: list[Element] = []
        self.is_final_draft = False
        self._path: list[str] = []
        self._kind: ElementKind = "action"
        self._text: list[str] = []
        self._line = 0

    def _refuse(self, *_: object) -> None:
        raise NotFinalDraft("it declares entities, which a screenplay does not", self.parser.CurrentLineNumber)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if name == "FinalDraft":
            self.is_final_draft = True
        elif name == "Paragraph":
            self._kind = _KINDS.get(attributes.get("Type", ""), "action")
            self._text, self._line = [], self.parser.CurrentLineNumber
            if "ScriptNote" in self._path:
                self._kind = "note"

    def _characters(self, text: str) -> None:
        if self._path and self._path[-1] == "Text":
            self._text.append(text)

    def _end(self, name: str) -> None:
        self._path.pop()
        text = "".join(self._text).strip()
        if name != "Paragraph" or not text:
            return
        if "TitlePage" in self._path:
            is_first = not any(element.kind == "title" for element in self.elements)
            self.elements.append(Element("title", text, self._line, "Title" if is_first else "Title page"))
        elif "Content" in self._path or self._kind == "note":
            self.elements.append(Element(self._kind, text, self._line))
        self._text = []
