"""SB203 and SB25x to SB27x: the limits of a job, and how shots share jobs."""

from __future__ import annotations

from storyboard.diagnostics import limits
from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'
_V1 = 'story "Night"\n  .model kirin_v1_t2v\n\n'

PROMPT_TOO_LONG = Rule(
    code="SB203",
    name="prompt-too-long",
    severity=Severity.ERROR,
    summary="a prompt is longer than the model accepts",
    explanation="""\
A model accepts a limited number of characters. They are counted in the prompt as it is sent: with all names filled in,
and with `.prefix`, `.suffix` and the sentence made from `.avoid`. The error lists how much each part contributes.

A shot that shares a job has a lower limit than a shot with its own job. A shot over that lower limit automatically gets
its own job, so this is an error only if it is also too short for one.

Shorten the text, or a name that it uses; shorten what all shots have in common; or make a short shot longer, so that it
can have its own job.
""",
    bad=_HEAD + "shot street 5s\n  " + "Rain. " * 450 + "\n",
    good=_HEAD + "shot street 5s\n  Rain.\n",
)

LENGTH = Rule(
    code="SB250",
    name="shot-length",
    severity=Severity.ERROR,
    summary="the model makes no job of this length",
    explanation="""\
A shot is part of one job, so it cannot be longer than the model's longest job. If a model makes one shot per job, the
shot must have exactly one of the lengths that the model offers.

Change the length, make two shots of it, or use another model (`storyboard models` lists them).
""",
    bad=_HEAD + "shot street 20s\n  Rain.\n",
    good=_HEAD + "shot street 10s\n  Rain.\n\nshot lanterns 10s\n  Lanterns in the rain.\n",
)

WHOLE_SECONDS = Rule(
    code="SB251",
    name="whole-seconds",
    severity=Severity.ERROR,
    summary="the model accepts only whole seconds",
    explanation="""\
All models accept only whole numbers of seconds. Round the length up or down. If the scene or story promises a length,
the shots must still add up to it afterwards.
""",
    bad=_HEAD + "shot street 4.5s\n  Rain.\n",
    good=_HEAD + "shot street 5s\n  Rain.\n",
)

NO_JOB_HOLDS = Rule(
    code="SB252",
    name="no-job-holds-shot",
    severity=Severity.ERROR,
    summary="a short shot has no neighbour to share a job with",
    explanation="""\
A shot shorter than the model's shortest job has to share one with its neighbours. Shots share a job only within a
scene, without a `split` between them, with the same model, parameters and shared negatives, and within the limits of
the job.

Make the shot longer; remove the `split` or the setting that separates it from its neighbours (`.avoid` does not
separate shots, `.negative` does); or shorten a neighbour so that both fit.
""",
    bad=_HEAD + "shot street 5s\n  Rain.\n\nsplit\n\nshot lanterns 2s\n  Lanterns in the rain.\n",
    good=_HEAD + "shot street 5s\n  Rain.\n\nshot lanterns 2s\n  Lanterns in the rain.\n",
)

NEGATIVES_TOO_LONG = Rule(
    code="SB253",
    name="negatives-too-long",
    severity=Severity.ERROR,
    summary="the shared negatives are longer than the model accepts",
    explanation="""\
Shared negatives are sent in one field, joined with commas, and a model accepts a limited number of characters there.

`.negative - item` removes an item, and `.negative none` clears the list for a scene. For things that concern one shot
only, use `.avoid` on that shot: it is added to its prompt.
""",
    bad=_HEAD.replace("\n\n", "\n  .negative " + ", ".join(f"crowds of kind {n}" for n in range(150)) + "\n\n")
    + "shot street 5s\n  Rain.\n",
    good=_HEAD.replace("\n\n", "\n  .negative crowds\n\n") + "shot street 5s\n  Rain.\n",
)

LENGTH_OF_SETTING = Rule(
    code="SB254",
    name="setting-needs-length",
    severity=Severity.ERROR,
    summary="a setting is not allowed for this length",
    explanation="""\
The model accepts this parameter only in jobs of certain lengths; `storyboard models NAME` shows which.

Change the length of the shot, or remove the setting.
""",
    bad=_V1 + 'shot street 10s\n  .camera_control {"type": "down_back"}\n  Rain.\n',
    good=_V1 + 'shot street 5s\n  .camera_control {"type": "down_back"}\n  Rain.\n',
)

NEAR_LIMIT = Rule(
    code="SB260",
    name="near-limit",
    severity=Severity.HINT,
    summary=f"a text is over {limits.NEAR_PERCENT} % of the limit",
    explanation="""\
Nothing is wrong yet. But a longer name, or one more word in a `.suffix`, may push the text over a limit: the limit of a
shared job, so that the shot would get its own job, or the limit of the model.
""",
    bad=_HEAD + "shot street 5s\n  " + "Rain. " * 80 + "\n\nshot door 5s\n  A door.\n",
    good=_HEAD + "shot street 5s\n  " + "Rain. " * 40 + "\n\nshot door 5s\n  A door.\n",
)

COUNTED_OTHERWISE = Rule(
    code="SB261",
    name="counted-otherwise",
    severity=Severity.HINT,
    summary="a text is within the limit in characters, but not in UTF-8 bytes or UTF-16 units",
    explanation="""\
Limits are in characters, which storyboard counts as Unicode code points. The documentation of the API does not say how
the gateway counts. If it counts UTF-8 bytes (three for a Chinese character) or UTF-16 units (two for an emoji), it will
refuse this text. A refused job costs nothing, and the refusal is reported at the shot.
""",
    bad=_HEAD + "shot street 5s\n  " + "雨" * 200 + "\n\nshot door 5s\n  A door.\n",
    good=_HEAD + "shot street 5s\n  " + "雨" * 100 + "\n\nshot door 5s\n  A door.\n",
)

NEGATIVE_SPLITS = Rule(
    code="SB270",
    name="negative-splits-job",
    severity=Severity.HINT,
    summary="a shot gets its own job because of its own `.negative`",
    explanation="""\
Shared negatives apply to a whole job, so a shot that changes them cannot share a job with its neighbours. The jobs
around it change too and have to be bought again.

`.avoid` adds what this shot should not show to its own prompt, and does not affect its neighbours. If the shared
negatives really should change, move the `.negative` to the scene, or keep it: this is only a hint.
""",
    bad=_HEAD + "shot street 5s\n  Rain.\n\nshot face 4s\n  .negative + smiling\n  A face in the rain.\n",
    good=_HEAD + "shot street 5s\n  Rain.\n\nshot face 4s\n  .avoid smiling\n  A face in the rain.\n",
)

SAME_JOB = Rule(
    code="SB271",
    name="same-job",
    severity=Severity.HINT,
    summary="two places in the film have the same job and will show the same clip",
    explanation="""\
A job is identified by what it asks for. If two jobs ask for the same, one clip is bought and shown twice. That is fine
for a repeated picture, but a surprise if the two were meant to differ.

`.take 2` on a shot of the second job asks for another clip of the same words.
""",
    bad=_HEAD + "shot street 5s\n  Rain.\n\nsplit\n\nshot again 5s\n  Rain.\n",
    good=_HEAD + "shot street 5s\n  Rain.\n\nsplit\n\nshot again 5s\n  .take 2\n  Rain.\n",
)
