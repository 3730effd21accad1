"""The types of the JSON that commands print. `storyboard schema` prints them as JSON Schemas (`json_schema.py`).

Each function that makes such a document returns its type, so that mypy keeps the two in step. Money is an exact decimal
text, in US dollars. Paths are relative to the working directory. Lines and columns count from 1, columns in Unicode
code points.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class PlaceDocument(TypedDict):
    """A stretch of a file; the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class EditDocument(PlaceDocument):
    """A stretch of a file and the text that goes in its place."""

    text: str


class FixDocument(TypedDict):
    """A change that a tool can make; `lint --fix` makes those that are safe."""

    title: str
    safe: bool
    edits: list[EditDocument]


class RelatedDocument(PlaceDocument):
    """Another place that a finding is about."""

    message: str


class FindingDocument(PlaceDocument):
    """A finding. `storyboard explain CODE` explains its code."""

    code: str
    name: str
    severity: Literal["error", "warning", "hint"]
    message: str
    label: str | None
    help: str | None
    fix: FixDocument | None
    related: list[RelatedDocument]


class FindingsDocument(TypedDict):
    """`lint --json`."""

    diagnostics: list[FindingDocument]
    errors: int
    warnings: int
    hints: int


class PlannedJobDocument(TypedDict):
    """A job of a plan. `estimate` is in US dollars: null where no price is known."""

    path: str
    id: str
    key: str
    state: str
    reason: str
    seconds: int
    estimate: str | None
    shots: list[str]
    wanted: bool


class FieldChangeDocument(TypedDict):
    """A changed field of a shot, before and after; "" if it had or has no value."""

    name: str
    was: str
    now: str


class ShotPlaceDocument(TypedDict):
    """A shot of a story."""

    path: str
    address: str


class ShotChangeDocument(ShotPlaceDocument):
    """What became of a shot since a commit. `moved_from` is where it stood, null where it did not move."""

    change: Literal["added", "changed", "moved", "gone"]
    seconds: float
    fields: list[FieldChangeDocument]
    moved_from: ShotPlaceDocument | None


class AgainstDocument(TypedDict):
    """What changed since a commit. `jobs` are the keys of the jobs to buy because of the change, `estimate` their price
    in US dollars; `not_compared` are stories that had errors at the commit."""

    name: str
    commit: str
    shots: list[ShotChangeDocument]
    not_compared: list[str]
    jobs: list[str]
    new_seconds: int
    estimate: str | None


class PlanDocument(TypedDict):
    """`plan --json`. `against` is there with the option of that name."""

    jobs: list[PlannedJobDocument]
    new_seconds: int
    estimate: str | None
    reused_seconds: int
    diagnostics: list[FindingDocument]
    against: NotRequired[AgainstDocument]


class CompiledJobDocument(TypedDict):
    """A job as it would be sent: its payload is in the provider's own form."""

    id: str
    key: str
    content: str
    provider: str
    shots: list[str]
    seconds: int
    payload: dict[str, Any]
    transport: dict[str, Any]


class CompiledStoryDocument(TypedDict):
    """A story and its jobs."""

    path: str
    title: str
    jobs: list[CompiledJobDocument]


class CompileDocument(TypedDict):
    """`compile --json`."""

    stories: list[CompiledStoryDocument]
    diagnostics: list[FindingDocument]


class JobErrorDocument(TypedDict):
    """Why a job failed, in the gateway's words."""

    code: str | None
    message: str


class BuiltJobDocument(TypedDict):
    """A job after a build. `by` is who of a team wrote down a job that is running or unknown, and `since` when it was
    begun."""

    id: str
    key: str
    state: str
    reason: str
    by: str | None
    since: str | None
    clip: str | None
    cost: str | None
    reserved: str | None
    task: str | None
    attempts: int
    error: JobErrorDocument | None


class BuiltStoryDocument(TypedDict):
    """What a build left of a story. `bought` counts the clips in its film that were bought."""

    path: str
    film: str | None
    draft: str | None
    last_film: str | None
    bought: int
    sheet: str
    jobs: list[BuiltJobDocument]
    notices: list[str]


class BuildDocument(TypedDict):
    """`build --json`."""

    stories: list[BuiltStoryDocument]
    paid: str | None
    reserved: str | None
    diagnostics: list[FindingDocument]


class HealthCheckDocument(TypedDict):
    """One thing that was checked; `way_out` says what to do about a problem."""

    name: str
    state: str
    text: str
    way_out: str | None


class DoctorDocument(TypedDict):
    """`doctor --json`."""

    checks: list[HealthCheckDocument]
    problems: int


class UnreadLineDocument(TypedDict):
    """Something that an import did not understand: its line, its text, and what became of it."""

    line: int
    text: str
    became: str


class ImportDocument(TypedDict):
    """`import --json`. `text` is the story where it is printed rather than written to the file `story`."""

    story: str | None
    text: str | None
    format: str
    encoding: str
    scenes: int
    shots: int
    not_understood: list[UnreadLineDocument]
    without_length: int
    without_picture: int
    diagnostics: list[FindingDocument]


class ListedCharacter(TypedDict):
    """Somebody who appears in prompts by name; where a prompt first names them, it says how they look."""

    name: str
    looks: NotRequired[str]


class SpokenLine(TypedDict):
    """Words that somebody says."""

    speaker: NotRequired[str]
    line: str


class ListedShot(TypedDict):
    """A shot. `seconds` is its length, `prompt` what is seen; `avoid` must not be seen in it, and `caption`
    is shown on the screen."""

    name: NotRequired[str]
    seconds: NotRequired[float]
    prompt: str
    avoid: NotRequired[list[str]]
    say: NotRequired[list[SpokenLine]]
    caption: NotRequired[str]
    note: NotRequired[str]


class ListedScene(TypedDict):
    """Shots that belong together: they may share a job, and look alike."""

    title: NotRequired[str]
    note: NotRequired[str]
    shots: list[ListedShot]


class ShotListDocument(TypedDict):
    """What `import` turns into a story: `shots`, or `scenes` with shots in them. `style` is added to every prompt."""

    title: NotRequired[str]
    logline: NotRequired[str]
    model: NotRequired[str]
    aspect_ratio: NotRequired[str]
    style: NotRequired[str]
    negative: NotRequired[list[str]]
    characters: NotRequired[list[ListedCharacter]]
    scenes: NotRequired[list[ListedScene]]
    shots: NotRequired[list[ListedShot]]
