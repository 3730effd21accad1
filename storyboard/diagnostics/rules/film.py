"""SB160-SB169 and SB370-SB379: what a shot says of the film: its part, what it is made from, words beside it."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'

CUT_MISFIT = Rule(
    "SB160",
    "cut-misfit",
    Severity.ERROR,
    "`.cut` asks for a part that the shot does not have",
    """`.cut 3.8s` uses a shot from its beginning to there, `.cut 0.4s..3.8s` the part between; both are seconds of the
shot, so they end no later than it does. What is bought stays the whole shot, and the job keeps its key: a cut can be
moved again and again for free.

A shot that is not bought (`.clip`, `.still`, `.card`) may have any length; write it in the shot's header instead.""",
    _HEAD + "shot a 4s\n  .cut 0.4s..4.8s\n  A lamp.\n",
    _HEAD + "shot a 4s\n  .cut 0.4s..3.8s\n  A lamp.\n",
)

FOOTAGE_UNUSABLE = Rule(
    "SB161",
    "footage-unusable",
    Severity.ERROR,
    "a file that a shot is made from cannot be used",
    """`.clip` and `.still` name a file relative to the file that they are written in. It must be inside the project,
and be a video or a picture that can be read. Footage must be as long as the shot, counted from where it begins
(`from 12.5s`).""",
    _HEAD + "shot a 2s\n  .still missing.png\n",
    _HEAD + "shot a 2s\n  .card\n  The end\n",
)

LOCAL_SETTING = Rule(
    "SB162",
    "free-shot-setting",
    Severity.ERROR,
    "a shot that is not bought has a setting for a model",
    """A `.clip`, `.still` or `.card` shot is made on this machine, so nothing that is said to a model can hold for it.
What the story or scene says is not meant for it and does no harm.""",
    _HEAD + "shot a 2s\n  .card\n  .avoid people\n  The end\n",
    _HEAD + "shot a 2s\n  .card\n  The end\n",
)

TWO_SOURCES = Rule(
    "SB163",
    "two-sources",
    Severity.ERROR,
    "a shot is made from two things",
    """A shot is bought, or it is one of `.clip`, `.still` and `.card`. Make two shots of it.""",
    _HEAD + "shot a 2s\n  .card\n  .still lamp.png\n  The end\n",
    _HEAD + "shot a 2s\n  .card\n  The end\n",
)

SAY_NOT_SPOKEN = Rule(
    "SB370",
    "say-not-spoken",
    Severity.HINT,
    "a shot with sound does not tell the model what is said",
    """`.say` goes into no prompt: it is for subtitles, the contact sheet and the people who dub. With `.sound on` the
model makes the sound, and it speaks only what the prompt says.

Way out: `{{ shot.say }}` in the shot's text writes the words in.""",
    _HEAD + "shot a 4s\n  .sound on\n  .say Mei: We are late.\n  Mei runs.\n",
    _HEAD + "shot a 4s\n  .sound on\n  .say Mei: We are late.\n  Mei runs and shouts: {{ shot.say }}\n",
)
