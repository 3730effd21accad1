"""SB203 and SB25x to SB27x: prompts and lengths against the limits of a job, and how shots share jobs."""

from __future__ import annotations

from storyboard.diagnostics import limits
from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'
_V1 = 'story "Night"\n  .model kirin_v1_t2v\n\n'

PROMPT_TOO_LONG = Rule(
    code="SB203",
    name="prompt-too-long",
    severity=Severity.ERROR,
    summary="a shot's prompt is longer than the model takes",
    explanation="""\
A model takes only so many characters of prompt. They are counted in the prompt as it is sent: names filled in, with
`.prefix`, `.suffix` and the sentence that `.avoid` writes; each contributor's share is listed.

In a job of several shots a shot has less room than alone. A shot over that limit stands alone by itself, so it is an
error only where it is also too short for a job of its own.

Ways out: cut the text, or a name that it fills in; move what all shots need into fewer words; make a short shot longer,
so that it can stand alone.
""",
    bad=_HEAD + "shot street 5s\n  " + "Rain. " * 450 + "\n",
    good=_HEAD + "shot street 5s\n  Rain.\n",
)

LENGTH = Rule(
    code="SB250",
    name="shot-length",
    severity=Severity.ERROR,
    summary="no job of the model can be as long as this shot needs",
    explanation="""\
A shot lies in one job as a whole, so it can be no longer than the model's longest job, and where a model makes one shot
a job, it must be exactly one of the lengths that the model makes.

Ways out: another length, two shots instead of one, or another model (`storyboard models` lists them).
""",
    bad=_HEAD + "shot street 20s\n  Rain.\n",
    good=_HEAD + "shot street 10s\n  Rain.\n\nshot lanterns 10s\n  Lanterns in the rain.\n",
)

WHOLE_SECONDS = Rule(
    code="SB251",
    name="whole-seconds",
    severity=Severity.ERROR,
    summary="the model takes whole seconds",
    explanation="""\
Every length that the models know is a whole number of seconds. Round the shot's length up or down; a promise of the
scene or the story that it belongs to has to add up again afterwards.
""",
    bad=_HEAD + "shot street 4.5s\n  Rain.\n",
    good=_HEAD + "shot street 5s\n  Rain.\n",
)

NO_JOB_HOLDS = Rule(
    code="SB252",
    name="no-job-holds-shot",
    severity=Severity.ERROR,
    summary="a short shot finds no neighbours to share a job with",
    explanation="""\
A shot shorter than the model's shortest job has to share one with its neighbours. Shots share a job only within a
scene, without a `split` between them, with the same model, parameters and shared negatives, and as long as the job's
limits allow.

Ways out: make the shot longer; take away the `split` or the setting that parts it from its neighbours (`.avoid`
instead of `.negative` parts nothing); shorten a neighbour, so that both fit.
""",
    bad=_HEAD + "shot street 5s\n  Rain.\n\nsplit\n\nshot lanterns 2s\n  Lanterns in the rain.\n",
    good=_HEAD + "shot street 5s\n  Rain.\n\nshot lanterns 2s\n  Lanterns in the rain.\n",
)

NEGATIVES_TOO_LONG = Rule(
    code="SB253",
    name="negatives-too-long",
    severity=Severity.ERROR,
    summary="the shared negatives are longer than the model takes",
    explanation="""\
Shared negatives travel in one field, joined with commas, and a model takes only so many characters there.

Ways out: `.negative - item` takes some away, `.negative none` clears them for a scene, and `.avoid` on a shot writes
what concerns that shot alone into its prompt.
""",
    bad=_HEAD.replace("\n\n", "\n  .negative " + ", ".join(f"crowds of kind {n}" for n in range(150)) + "\n\n")
    + "shot street 5s\n  Rain.\n",
    good=_HEAD.replace("\n\n", "\n  .negative crowds\n\n") + "shot street 5s\n  Rain.\n",
)

LENGTH_OF_SETTING = Rule(
    code="SB254",
    name="setting-needs-length",
    severity=Severity.ERROR,
    summary="a setting goes only with jobs of a certain length",
    explanation="""\
The model's card ties this parameter to the length of the job: `storyboard models NAME` shows to which.

Ways out: change the shot's length, or take the setting away where the length matters more.
""",
    bad=_V1 + 'shot street 10s\n  .camera_control {"type": "down_back"}\n  Rain.\n',
    good=_V1 + 'shot street 5s\n  .camera_control {"type": "down_back"}\n  Rain.\n',
)

NEAR_LIMIT = Rule(
    code="SB260",
    name="near-limit",
    severity=Severity.HINT,
    summary=f"a text is over {limits.NEAR_PERCENT} % of what the model takes",
    explanation="""\
Nothing is wrong yet. A longer name, or one more word in a `.suffix`, may put the text over the limit: of a job of
several shots, which would make the shot a job of its own, or of the model.
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
The limits are in characters, and storyboard counts them as Unicode code points. The model's documents do not say how
the gateway counts; should it count UTF-8 bytes (three for a Chinese character) or UTF-16 units (two for an emoji), it
would refuse this text. A refused job costs nothing, and its words are shown at the shot.
""",
    bad=_HEAD + "shot street 5s\n  " + "雨" * 200 + "\n\nshot door 5s\n  A door.\n",
    good=_HEAD + "shot street 5s\n  " + "雨" * 100 + "\n\nshot door 5s\n  A door.\n",
)

NEGATIVE_SPLITS = Rule(
    code="SB270",
    name="negative-splits-job",
    severity=Severity.HINT,
    summary="a shot's own `.negative` makes it a job of its own",
    explanation="""\
Shared negatives hold for a whole job, so a shot that changes them cannot share one with its neighbours, and all the
jobs around it become others, to be bought anew.

`.avoid` writes what this shot should not show into its own prompt, and parts nothing. Where the shared negatives
really should change, move the `.negative` to the scene, or keep it: this is only a hint.
""",
    bad=_HEAD + "shot street 5s\n  Rain.\n\nshot face 4s\n  .negative + smiling\n  A face in the rain.\n",
    good=_HEAD + "shot street 5s\n  Rain.\n\nshot face 4s\n  .avoid smiling\n  A face in the rain.\n",
)

SAME_JOB = Rule(
    code="SB271",
    name="same-job",
    severity=Severity.HINT,
    summary="two places of the film make the same job, and will show the same clip",
    explanation="""\
A job is known by what it asks for. Where two ask for the same, it is bought once and its clip is used twice: wanted
for a repeated picture, a surprise where the two were meant to differ.

`.take 2` on a shot of the second asks for another clip of the same words.
""",
    bad=_HEAD + "shot street 5s\n  Rain.\n\nsplit\n\nshot again 5s\n  Rain.\n",
    good=_HEAD + "shot street 5s\n  Rain.\n\nsplit\n\nshot again 5s\n  .take 2\n  Rain.\n",
)
