"""How loud a film is, by EBU R 128, and the same film at another loudness."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream
from av.filter import Graph
from av.filter.loudnorm import stats
from av.stream import Disposition, Stream

from storyboard.media.clip import blamed_on
from storyboard.media.encode import written
from storyboard.media.sound import SoundTrack

_HIGHEST_PEAK = -1.0
"""What peaks may reach, in dBTP: above it, players clip."""
_LEAST_GAIN = 0.1
"""Decibels that nobody hears."""


def gain_to(film: Path, loudness: float) -> float:
    """The decibels that bring a film to `loudness` (in LUFS), or as near as its peaks allow; 0 for a silent one."""
    with blamed_on(film), av.open(str(film)) as container:
        if not container.streams.audio:
            return 0.0
        found = json.loads(stats(f"I={loudness}:TP={_HIGHEST_PEAK}:print_format=json", container.streams.audio[0]))
    integrated, peak = float(found["input_i"]), float(found["input_tp"])
    if integrated <= -70:  # the gate of EBU R 128: nothing louder was heard
        return 0.0
    gain = min(loudness - integrated, _HIGHEST_PEAK - peak)
    return gain if abs(gain) >= _LEAST_GAIN else 0.0


def amplify(film: Path, gain: float, target: Path, trailer: bytes = b"") -> None:
    """Write the film again at `target`, its sound louder by `gain` decibels; pictures, subtitles, chapters and tags
    stay as they are. The boxes `trailer` stand at the end."""
    with blamed_on(film), av.open(str(film)) as source, written(target, trailer=trailer) as out:
        out.metadata.update(source.metadata)
        video, subtitles = source.streams.video[0], source.streams.subtitles
        places: dict[int, Stream] = {video.index: out.add_stream_from_template(video)}
        sound = SoundTrack(out)
        if subtitles:
            track = out.add_stream_from_template(subtitles[0])
            track.metadata.update(subtitles[0].metadata)
            track.disposition = Disposition(0)
            places[subtitles[0].index] = track
        volume = _Volume(source.streams.audio[0], gain)
        end = 0
        for packet in source.demux([video, source.streams.audio[0], *subtitles[:1]]):
            if isinstance(packet.stream, AudioStream):
                for frame in packet.decode():
                    for louder in volume.louder(cast(av.AudioFrame, frame)):
                        sound.hear(louder, Fraction(0))
            elif packet.size:
                if packet.stream is video and packet.pts is not None:
                    end = max(end, packet.pts + (packet.duration or 0))
                packet.stream = places[packet.stream.index]
                out.mux(packet)
        sound.cut(end * (video.time_base or Fraction(1)))
        sound.finish()
        out.set_chapters(source.chapters())


class _Volume:
    """FFmpeg's filter that makes sound louder."""

    def __init__(self, stream: AudioStream, gain: float) -> None:
        self._graph = Graph()
        entry = self._graph.add_abuffer(template=stream)
        self._graph.link_nodes(entry, self._graph.add("volume", f"{gain:.2f}dB"), self._graph.add("abuffersink"))
        self._graph.configure()

    def louder(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
        self._graph.push(frame)
        while True:
            try:
                yield cast(av.AudioFrame, self._graph.pull())
            except (av.BlockingIOError, av.EOFError):
                return
