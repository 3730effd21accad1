"""SB510-SB519: what was delivered against what was ordered."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_STORY = 'story "Night"\n  .model kirin_v3_t2v\n\nshot street 5s\n  Rain.\n\nshot boats 4s\n  Boats drift past.\n'


def _rule(code: str, name: str, severity: Severity, summary: str, explanation: str) -> Rule:
    return Rule(code, name, severity, summary, explanation, _STORY, _STORY, when="build")


CLIP_LENGTH = _rule(
    "SB510",
    "clip-length",
    Severity.WARNING,
    "a clip is longer or shorter than ordered",
    """The clip differs from its order by more than half a second (a long one by more than a twentieth). The film cuts
it to its place, or holds its last picture.

Ways out: `.cut` uses the part that you want; `storyboard reroll` buys another take.""",
)
CLIP_SHAPE = _rule(
    "SB511",
    "clip-shape",
    Severity.WARNING,
    "a clip has another shape than `.aspect_ratio` orders",
    """The film shows it between bars.""",
)
CLIP_RATE = _rule(
    "SB512",
    "clip-rate",
    Severity.HINT,
    "a clip has another frame rate than most clips of the film",
    """The film has one rate, so pictures of this clip are repeated or left out. That can be seen in slow
movements.""",
)
CLIP_SILENT = _rule(
    "SB513",
    "clip-silent",
    Severity.WARNING,
    "a shot is silent though sound was ordered",
    """The clip has no sound track, or nothing louder than -60 dBFS can be heard in the whole shot.""",
)
CLIP_BLACK = _rule(
    "SB514",
    "clip-black",
    Severity.WARNING,
    "a stretch of a clip is black",
    """For half a second or more, nearly all of the picture is darker than a tenth of white. A fade to black that was
ordered is found too.

Ways out: `.cut` leaves the stretch out; `storyboard reroll` buys another take.""",
)
CLIP_FROZEN = _rule(
    "SB515",
    "clip-frozen",
    Severity.WARNING,
    "a stretch of a clip is frozen",
    """For a second or more, no pixel moves, which no camera and hardly a model delivers on purpose.

Ways out: `.cut` leaves the stretch out; `storyboard reroll` buys another take.""",
)
CUT_DRIFT = _rule(
    "SB516",
    "cut-drift",
    Severity.HINT,
    "the cut between two shots of a job is early or late",
    """A model cuts between the shots of a job by itself, and not always at the frame that was ordered. The message says
by how many frames the cut that can be seen is off.

Ways out: `.cut` on the shots; `.pack shot` buys each shot alone, so that its length is exact.""",
)
CUT_UNSEEN = _rule(
    "SB517",
    "cut-unseen",
    Severity.HINT,
    "no cut can be seen where one was ordered",
    """Within a second of the place where the next shot of the job was ordered, the picture does not change at once. It
may be a soft transition, or the model made one shot of two.""",
)
CUT_NOT_ORDERED = _rule(
    "SB518",
    "cut-not-ordered",
    Severity.HINT,
    "there is a cut in the middle of a shot",
    """The picture changes at once more than a second away from any cut that was ordered. A flash or a sudden movement
can look the same.""",
)
CLIP_UNREADABLE = _rule(
    "SB519",
    "clip-unreadable",
    Severity.WARNING,
    "a clip cannot be played",
    """Its file is damaged, or in a format that is not known here.

Way out: delete the file in `build/` and build again; the store has the clip as it was bought.""",
)
