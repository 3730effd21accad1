"""Final Cut Pro 7's XML (xmeml 5), for older Premiere, Resolve, OpenShot and what else reads no newer list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from storyboard.fast_dataclasses import dataclass, field
from storyboard.film.exported_film import ExportedFilm, ExportedMusic
from storyboard.film.frame_timeline import FrameShot, FrameTransition
from storyboard.film.timecode import is_ntsc, timebase, timecode
from storyboard.media.clip_format import ClipFormat
from storyboard.plain_text import one_line, xml_text

_SOUND_CHANNELS = 2
_CHANNELS = range(1, _SOUND_CHANNELS + 1)
_CROSS_FADE = "Cross Fade (+3dB)"
_MUSIC = "file-music"


def to_fcp7xml(film: ExportedFilm) -> str:
    """Return a sequence with a track of pictures and two of sound, a clip a shot, picture and sound linked.

    A shot without its clip is offline: it has the name of its file and no place.
    """
    writer = _Writer(film)
    shots, rate = film.line.shots, film.line.rate
    pictures = [part for number, shot in enumerate(shots, 1) for part in writer.picture(number, shot)]
    look = ClipFormat(rate, 0, Fraction(0), film.look.width, film.look.height, film.look.pixel)
    media = [_tag("video", _tag("format", _samples(look)), _tag("track", *pictures))]
    if film.line.has_sound or film.music is not None:
        sound = _tag("samplecharacteristics", _leaf("depth", 16), _leaf("samplerate", 48_000))
        tracks = []
        if film.line.has_sound:
            tracks += [_tag("track", *writer.sounds(each), _leaf("outputchannelindex", each)) for each in _CHANNELS]
        if film.music is not None:
            musical = (writer.music(film.music, each) for each in _CHANNELS)
            tracks += [_tag("track", each, _leaf("outputchannelindex", at)) for at, each in enumerate(musical, 1)]
        media.append(_tag("audio", _leaf("numOutputChannels", _SOUND_CHANNELS), _tag("format", sound), *tracks))
    scenes = [
        _marker([scene.scene.title or scene.scene.name, *scene.scene.notes], scene.start, scene.length)
        for scene in film.line.scenes
    ]
    about = [_leaf("name", film.title), _leaf("duration", film.line.frames), _rate(rate), _timecode(rate)]
    sequence = _tag('sequence id="sequence-1"', *about, _tag("media", *media), *scenes)
    document = _tag('xmeml version="5"', sequence)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{document}'


def _channels(shot: FrameShot) -> range:
    """Return the channels of a shot's sound that go on a track each: none, one or two."""
    sounding = shot.media.channels if shot.media is not None and shot.is_there else 0
    return range(1, min(sounding, _SOUND_CHANNELS) + 1)


@dataclass(slots=True)
class _Writer:
    """Writes clips, each file described where it is named first."""

    film: ExportedFilm
    files: dict[str, str] = field(default_factory=dict)
    """The ids of files, by their names."""
    places: dict[tuple[int, int], int] = field(default_factory=dict)
    """At which place on its track the sound of a shot stands, by the shot's number and the channel."""

    def __post_init__(self) -> None:
        for channel in _CHANNELS:
            sounding = (n for n, shot in enumerate(self.film.line.shots, 1) if channel in _channels(shot))
            self.places |= {(number, channel): place for place, number in enumerate(sounding, 1)}

    def picture(self, number: int, shot: FrameShot) -> Iterator[str]:
        """Yield the clip of a shot, after the dissolve that it begins with."""
        facts = self.film.fact_texts(shot)
        told = "\n".join(f"{name}: {value}" for name, value in facts.items())
        log = _tag("logginginfo", _leaf("description", facts.get("prompt", "")), _leaf("scene", facts["scene"]))
        notes = [
            _marker([marker.text], shot.enters + marker.start - shot.start, marker.length)
            for marker in self.film.markers(shot)
        ]
        rest = [self._links(number, shot), log, _tag("comments", _leaf("mastercomment1", told)), *notes]
        fades = [_opacity(shot, self.film.seen(shot))] if shot.fade_in or shot.fade_out else []
        if shot.dissolves_in:
            yield self._dissolve(shot, shot.dissolves_in, "Cross Dissolve", "video")
        yield self._clip(f"v{number}", shot, [*fades, *rest])

    def _dissolve(self, shot: FrameShot, mixed: FrameTransition, effect: str, kind: str) -> str:
        names = [_leaf("name", effect), _leaf("effectid", effect), _leaf("effecttype", "transition")]
        about = _tag("effect", *names, _leaf("mediatype", kind))
        start, end = _leaf("start", shot.start - mixed.before), _leaf("end", shot.start + mixed.after)
        return _tag("transitionitem", _rate(self.film.line.rate), start, end, _leaf("alignment", "center"), about)

    def music(self, music: ExportedMusic, channel: int) -> str:
        """Return the music's channel, for as long as it plays."""
        rate = self.film.line.rate
        lasts = max(music.leaves, round(music.seconds * rate))
        if channel > 1:
            file = f'<file id="{_MUSIC}"/>\n'
        else:
            samples = _tag("samplecharacteristics", _leaf("depth", 16), _leaf("samplerate", 48_000))
            sound = _tag("audio", samples, _leaf("channelcount", _SOUND_CHANNELS))
            place = [_leaf("name", music.file.name), _leaf("pathurl", _address(self.film, music.file))]
            rest = [_rate(rate), _leaf("duration", lasts), _timecode(rate), _tag("media", sound)]
            file = _tag(f'file id="{_MUSIC}"', *place, *rest)
        level = _parameter("level", "Level", f"{music.factor:.4f}", "0", "3.98109")
        names = [_leaf("name", "Audio Levels"), _leaf("effectid", "audiolevels"), _leaf("effecttype", "audiolevels")]
        louder = _tag("filter", _tag("effect", *names, _leaf("mediatype", "audio"), level)) if music.gain else ""
        source = _tag("sourcetrack", _leaf("mediatype", "audio"), _leaf("trackindex", channel))
        return _tag(
            f'clipitem id="clip-music-{channel}"',
            _leaf("name", one_line(music.file.name)),
            _leaf("enabled", "TRUE"),
            _leaf("duration", lasts),
            _rate(rate),
            _leaf("start", 0),
            _leaf("end", music.length),
            _leaf("in", music.enters),
            _leaf("out", music.leaves),
            file,
            louder,
            source,
        )

    def sounds(self, channel: int) -> Iterator[str]:
        source = _tag("sourcetrack", _leaf("mediatype", "audio"), _leaf("trackindex", channel))
        shots = self.film.line.shots
        for number, (before, shot, after) in enumerate(zip((None, *shots), shots, (*shots[1:], None), strict=False), 1):
            if channel not in _channels(shot):
                continue
            mixes_in = before is not None and channel in _channels(before)
            mixes_out = after is not None and channel in _channels(after)
            if shot.dissolves_in and mixes_in:
                yield self._dissolve(shot, shot.dissolves_in, _CROSS_FADE, "audio")
            rest = [source, self._links(number, shot)]
            yield self._clip(f"a{channel}-{number}", shot, rest, mixes_in=mixes_in, mixes_out=mixes_out)

    def _clip(
        self, name: str, shot: FrameShot, rest: Iterable[str], *, mixes_in: bool = True, mixes_out: bool = True
    ) -> str:
        """Return a clip. Where it dissolves, its place follows from the transition, and its source has the whole of
        it."""
        film, rate, media = self.film, self.film.line.rate, shot.media
        seen = film.seen(shot)
        early = shot.dissolves_in if mixes_in else None
        late = shot.dissolves_out if mixes_out else None
        lasts = max(shot.enters + seen + (late.after if late else 0), round(media.seconds * rate) if media else 0)
        return _tag(
            f'clipitem id="clip-{name}"',
            _leaf("name", one_line(shot.cut.shot.address)),
            _leaf("enabled", "TRUE"),
            _leaf("duration", lasts),
            _rate(rate),
            _leaf("start", -1 if early else shot.start),
            _leaf("end", -1 if late else shot.start + seen),
            _leaf("in", shot.enters - (early.before if early else 0)),
            _leaf("out", shot.enters + seen + (late.after if late else 0)),
            self._file(shot, lasts),
            *rest,
        )

    def _file(self, shot: FrameShot, lasts: int) -> str:
        place, media = self.film.media(shot), shot.media
        name = place.name if place else shot.job.file
        if name in self.files:
            return f'<file id="{self.files[name]}"/>\n'
        self.files[name] = f"file-{len(self.files) + 1}"
        fps = media.fps if media else self.film.line.rate
        return _tag(
            f'file id="{self.files[name]}"',
            _leaf("name", name),
            _leaf("pathurl", _address(self.film, place)) if place else "",
            _rate(fps),
            _leaf("duration", media.frames if media else lasts),
            _timecode(fps),
            _tag("media", _tag("video", _samples(media)), _sound(media)) if media else "",
        )

    def _links(self, number: int, shot: FrameShot) -> str:
        """Return the clips that are moved and cut together: the picture and each channel of its sound."""
        channels = _channels(shot)
        if not channels:
            return ""
        sounds = (
            _link(f"a{each}-{number}", "audio", each, self.places[number, each], _leaf("groupindex", 1))
            for each in channels
        )
        return _link(f"v{number}", "video", 1, number) + "".join(sounds)


def _opacity(shot: FrameShot, seen: int) -> str:
    """Return the fades of a shot over black. Keyframes count in its source."""
    first, last = shot.enters, shot.enters + seen
    keys = [(first, 0), (first + shot.fade_in, 100)] if shot.fade_in else []
    keys += [(last - shot.fade_out, 100), (last, 0)] if shot.fade_out else []
    frames = [_tag("keyframe", _leaf("when", when), _leaf("value", value)) for when, value in keys]
    names = [_leaf("name", "Opacity"), _leaf("effectid", "opacity"), _leaf("effecttype", "motion")]
    rest = [_leaf("mediatype", "video"), _parameter("opacity", "Opacity", "100", "0", "100", *frames)]
    return _tag("filter", _tag("effect", *names, _leaf("effectcategory", "motion"), *rest))


def _parameter(name: str, shown: str, value: str, least: str, most: str, *keyframes: str) -> str:
    about = [_leaf("parameterid", name), _leaf("name", shown), _leaf("valuemin", least), _leaf("valuemax", most)]
    return _tag("parameter", *about, _leaf("value", value), *keyframes)


def _link(name: str, kind: str, track: int, place: int, group: str = "") -> str:
    parts = [_leaf("linkclipref", f"clip-{name}"), _leaf("mediatype", kind), _leaf("trackindex", track)]
    return _tag("link", *parts, _leaf("clipindex", place), group)


def _address(film: ExportedFilm, place: Path) -> str:
    return film.absolute_url(place).replace("file://", "file://localhost", 1)


def _samples(media: ClipFormat) -> str:
    size = [_leaf("width", media.width), _leaf("height", media.height), _leaf("anamorphic", "FALSE")]
    shape = [_leaf("pixelaspectratio", "square"), _leaf("fielddominance", "none")]
    return _tag("samplecharacteristics", _rate(media.fps), *size, *shape)


def _sound(media: ClipFormat) -> str:
    if not media.has_sound:
        return ""
    samples = _tag("samplecharacteristics", _leaf("depth", 16), _leaf("samplerate", media.sound_rate))
    return _tag("audio", samples, _leaf("channelcount", media.channels))


def _marker(words: Sequence[str], start: int, length: int) -> str:
    comment = "\n".join(words)
    name = one_line(words[0])
    return _tag(
        "marker", _leaf("name", name), _leaf("comment", comment), _leaf("in", start), _leaf("out", start + length)
    )


def _rate(rate: Fraction) -> str:
    ntsc = "TRUE" if is_ntsc(rate) else "FALSE"
    return f"<rate><timebase>{timebase(rate)}</timebase><ntsc>{ntsc}</ntsc></rate>\n"


def _timecode(rate: Fraction) -> str:
    zero = _leaf("string", timecode(0, rate))
    return _tag("timecode", _rate(rate), zero, _leaf("frame", 0), _leaf("displayformat", "NDF"))


def _tag(opening: str, *content: str) -> str:
    """Return an element of elements; `opening` is its name, with attributes of our own."""
    return f"<{opening}>\n{''.join(content)}</{opening.partition(' ')[0]}>\n"


def _leaf(name: str, value: str | int) -> str:
    """Return an element of text."""
    return f"<{name}>{value if isinstance(value, int) else xml_text(value)}</{name}>\n"
