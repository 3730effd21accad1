"""The provenance tags of a film file: plain ones, and XMP with IPTC's terms; light to import."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from storyboard.fast_dataclasses import dataclass
from storyboard.language_codes import three_letters
from storyboard.plain_text import one_line, xml_text

_XMP_BOX = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes
"""The id of the XMP box in an mp4 file (XMP specification, part 3)."""
UNKNOWN_LANGUAGE = "und"
"""How a track says that its language is not known (ISO 639-2)."""
_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class SourceType(StrEnum):
    """A digital source type of IPTC's list."""

    TRAINED = "trainedAlgorithmicMedia"
    MIXED = "compositeWithTrainedAlgorithmicMedia"
    DRAWN = "algorithmicMedia"
    COMPOSITE = "composite"

    @property
    def address(self) -> str:
        """Its address in IPTC's vocabulary."""
        return _VOCABULARY + self.value

    @property
    def words(self) -> str:
        """What it means, for people."""
        return _WORDS[self]


_WORDS = {
    SourceType.TRAINED: "made by a generative AI model",
    SourceType.MIXED: "put together from pictures made by a generative AI model and others",
    SourceType.DRAWN: "animatic: cards drawn by software, no AI model",
    SourceType.COMPOSITE: "put together from footage, pictures and titles",
}


@dataclass(frozen=True, slots=True)
class FilmTags:
    """A film's title, where its pictures come from, the models that made them, the titles of its chapters, and the
    language of its words as a tag such as `pt-BR`."""

    title: str
    source: SourceType
    models: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    language: str = ""

    @property
    def track_language(self) -> str:
        """The language as the tracks of an mp4 file name it: `por`; `und` where it is not said."""
        return three_letters(self.language) or UNKNOWN_LANGUAGE

    @property
    def plain(self) -> dict[str, str]:
        """The tags that every player shows, by FFmpeg's names."""
        models = f"; model: {', '.join(self.models)}" if self.models else ""
        comment = f"{self.source.words}{models}; digital source type: {self.source.address}"
        return {"title": one_line(self.title), "comment": one_line(comment)}

    @property
    def xmp_box(self) -> bytes:
        """Return a box of XMP for the end of an mp4 file."""
        packet = self._xmp.encode()
        size = 8 + len(_XMP_BOX) + len(packet)
        return size.to_bytes(4, "big") + b"uuid" + _XMP_BOX + packet

    @property
    def _xmp(self) -> str:
        models = xml_text(one_line(", ".join(self.models)))
        language = f"<dc:language><rdf:Bag><rdf:li>{self.language}</rdf:li></rdf:Bag></dc:language>\n"
        system = f"<Iptc4xmpExt:AISystemUsed>{models}</Iptc4xmpExt:AISystemUsed>\n" if models else ""
        return (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
            '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
            ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">\n'
            '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">'
            f"{xml_text(one_line(self.title))}</rdf:li></rdf:Alt></dc:title>\n"
            f"{language if self.language else ''}"
            f"<Iptc4xmpExt:DigitalSourceType>{self.source.address}</Iptc4xmpExt:DigitalSourceType>\n{system}"
            "<xmp:CreatorTool>storyboard</xmp:CreatorTool>\n"
            "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n"
            '<?xpacket end="w"?>'
        )
