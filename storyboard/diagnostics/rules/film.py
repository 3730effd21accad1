"""SB160-SB169 and SB370-SB379: cuts, transitions, music, shots that are not bought, and words beside the picture."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'

CUT_MISFIT = Rule(
    "SB160",
    "cut-misfit",
    Severity.ERROR,
    "`.cut` goes beyond the shot",
    """`.cut 3.8s` uses a shot from its beginning up to that time, `.cut 0.4s..3.8s` the part between. The times are
seconds of the shot, so they cannot be later than its end. The whole shot is still bought and the job keeps its key, so
a cut can be changed as often as you like, for free.

A shot that is not bought (`.clip`, `.still`, `.card`) can have any length; write that length in its header instead.""",
    _HEAD + "shot a 4s\n  .cut 0.4s..4.8s\n  A lamp.\n",
    _HEAD + "shot a 4s\n  .cut 0.4s..3.8s\n  A lamp.\n",
)

FOOTAGE_UNUSABLE = Rule(
    "SB161",
    "footage-unusable",
    Severity.ERROR,
    "the file of a `.clip` or `.still` cannot be used",
    """The path of a `.clip` or `.still` is relative to the file that contains it. It must name a readable video or
picture inside the project. Footage must be at least as long as the shot, counted from its start (`from 12.5s`).""",
    _HEAD + "shot a 2s\n  .still missing.png\n",
    _HEAD + "shot a 2s\n  .card\n  The end\n",
)

LOCAL_SETTING = Rule(
    "SB162",
    "free-shot-setting",
    Severity.ERROR,
    "a shot that is not bought has a setting for the model",
    """A `.clip`, `.still` or `.card` shot is made on this machine, so settings for a model have no effect on it.
Settings that it inherits from the story or scene are ignored.""",
    _HEAD + "shot a 2s\n  .card\n  .avoid people\n  The end\n",
    _HEAD + "shot a 2s\n  .card\n  The end\n",
)

TWO_SOURCES = Rule(
    "SB163",
    "two-sources",
    Severity.ERROR,
    "a shot has two sources",
    """A shot is either bought, or made from one of `.clip`, `.still` and `.card`. Make it two shots.""",
    _HEAD + "shot a 2s\n  .card\n  .still lamp.png\n  The end\n",
    _HEAD + "shot a 2s\n  .card\n  The end\n",
)

TRANSITION_MISFIT = Rule(
    "SB164",
    "transition-misfit",
    Severity.ERROR,
    "a transition does not fit its shots",
    """A dissolve shows the end of one shot and the beginning of the next at the same time, so both must last at least
as long as it does. A fade takes half of its length from each shot. Two transitions of one shot must not meet. Nothing
comes before the first shot of a story: it can begin with a fade, but not with a dissolve.""",
    _HEAD + "shot a 2s\n  A lamp.\n\nshot b 2s\n  .transition dissolve 3s\n  A street.\n",
    _HEAD + "shot a 2s\n  A lamp.\n\nshot b 2s\n  .transition dissolve 0.5s\n  A street.\n",
)

MUSIC_UNUSABLE = Rule(
    "SB165",
    "music-unusable",
    Severity.ERROR,
    "the file of `.music` cannot be used",
    """The path of `.music` is relative to the file that contains it. It must name a file with sound inside the project,
and the music must not end before the time at which it begins (`from 0:30`).""",
    'story "Night"\n  .model kirin_v3_t2v\n  .music missing.mp3\n\nshot a 4s\n  A lamp.\n',
    _HEAD + "shot a 4s\n  A lamp.\n",
)

SAY_NOT_SPOKEN = Rule(
    "SB370",
    "say-not-spoken",
    Severity.HINT,
    "a shot with sound does not tell the model what to say",
    """`.say` is not part of the prompt: it is for subtitles, the contact sheet and dubbing. With `.sound on` the model
makes the sound, and it speaks only the words in the prompt.

`{{ shot.say }}` in the shot's text inserts them.""",
    _HEAD + "shot a 4s\n  .sound on\n  .say Mei: We are late.\n  Mei runs.\n",
    _HEAD + "shot a 4s\n  .sound on\n  .say Mei: We are late.\n  Mei runs and shouts: {{ shot.say }}\n",
)
