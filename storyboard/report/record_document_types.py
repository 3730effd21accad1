"""The types of the JSON that commands print about purchases and files. Schemas are made from them, as from those in
`document_types`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from storyboard.report.document_types import CompiledStoryDocument, FindingDocument


class AttemptErrorDocument(TypedDict):
    """Why an attempt failed, in the gateway's words."""

    code: str | None
    message: str


class AttemptDocument(TypedDict):
    """One attempt to buy a job. Amounts are texts, in US dollars."""

    key: str
    attempt: int
    state: str
    provider: str
    base_url: str | None
    dialect: str | None
    account: str | None
    project: str
    story: str
    variant: str | None
    shots: list[str]
    seconds: int
    model: str
    task: str | None
    external_id: str
    clip: str | None
    reserved: str | None
    charged: str | None
    error: AttemptErrorDocument | None


class WayOutDocument(TypedDict):
    """A command that settles an open job, and what it does."""

    command: str
    does: str


class WantedAccountDocument(TypedDict):
    """The account and gateway that a job was bought with."""

    account: str
    base_url: str
    dialect: str


class OpenJobDocument(AttemptDocument):
    """A job that is running, failed, lost, held or of unknown outcome. `wants` is the account that a held one needs."""

    path: str
    reason: str
    busy: bool
    since: str
    costs: str | None
    wants: WantedAccountDocument | None
    ways_out: list[WayOutDocument]


class SentElsewhereDocument(TypedDict):
    """A job that a lock lists as sent, and that this store knows nothing about."""

    path: str
    key: str
    state: str
    reason: str
    shots: list[str]
    costs: str | None


class TeamPersonDocument(TypedDict):
    """A person of a team, and how many of their jobs are open. `waiting` are queued jobs that nobody works on."""

    name: str
    running: int
    unknown: int
    lost: int
    waiting: int


class TeamHolderDocument(TypedDict):
    """A process at a ledger, or a store that writes to a bucket. `may_send` counts the jobs that it may still send."""

    name: str
    person: str
    version: str
    spoke_at: str
    state: Literal["connected", "cut off", "dead", "ended", "not known"]
    may_send: int


class TeamJobDocument(TypedDict):
    """A job of a team that is running, lost or of unknown outcome. `by` is who wrote that, and `since` when; `may_send`
    names everybody who may still send it."""

    key: str
    state: Literal["running", "unknown", "lost"]
    project: str
    story: str
    by: str
    since: str
    task: str | None
    reserved: str | None
    may_send: list[str]


class TeamHoldDocument(TypedDict):
    """What a machine reserved, in US dollars, for jobs (`keys`) that nobody goes on with. `sent`: it may have sent
    them. `help` says how to free it."""

    by: str
    since: str
    amount: str | None
    keys: list[str]
    sent: bool
    help: str


class TeamBudgetDocument(TypedDict):
    """What counts against the shared budgets of a project: what is spent and what is reserved, in US dollars.
    `holds` are the part of it that is reserved for jobs which nobody goes on with."""

    project: str
    spent: str | None
    reserved: str | None
    holds: list[TeamHoldDocument]


class TeamDocument(TypedDict):
    """What all machines of a team know, in a bucket or a ledger. `trouble` is why nothing is known; `closed` is why
    nothing is bought by a ledger, and `told` names the machines that have since said what they know, `not_told` those
    that may know more."""

    record: Literal["bucket", "ledger"]
    address: str
    trouble: str | None
    closed: str | None
    told: list[str]
    not_told: list[str]
    purchases: int
    people: list[TeamPersonDocument]
    holders: list[TeamHolderDocument]
    jobs: list[TeamJobDocument]
    budgets: list[TeamBudgetDocument]
    damaged: list[str]


class StatusDocument(TypedDict):
    """`status --json`. `others` is how many open jobs other stories have; `waiting` is how much is yet to be sent
    to the bucket. `teams`, with `--all`, is what the project's bucket or ledger knows."""

    jobs: list[OpenJobDocument]
    others: int
    elsewhere: list[SentElsewhereDocument]
    rebuilt: bool
    waiting: int
    teams: list[TeamDocument]
    diagnostics: list[FindingDocument]


class SumDocument(TypedDict):
    """What some attempts cost. `unpriced` is how many have an unknown price."""

    tasks: int
    seconds: int
    cost: str | None
    charged: str | None
    reserved: str | None
    unpriced: int


class CostRowDocument(SumDocument):
    """The sum of one story, scene, model or day, which is named."""

    story: NotRequired[str]
    scene: NotRequired[str]
    model: NotRequired[str]
    day: NotRequired[str]


class CostsDocument(TypedDict):
    """`costs --json`. `elsewhere` is what the lock says was spent with other stores."""

    by_story: NotRequired[list[CostRowDocument]]
    by_scene: NotRequired[list[CostRowDocument]]
    by_model: NotRequired[list[CostRowDocument]]
    by_day: NotRequired[list[CostRowDocument]]
    total: SumDocument
    elsewhere: str | None


Level = Literal["info", "warning", "error"]
LogEvent = Literal["taken", "queued", "rendering", "fetching", "retrying", "charged", "ended", "notice", "note"]


class LogLineDocument(TypedDict):
    """A line of `--log json`. `time` is in UTC; `cost` is in US dollars; `note` is what people would otherwise be
    told."""

    time: str
    level: Level
    event: LogEvent
    key: NotRequired[str]
    story: NotRequired[str]
    project: NotRequired[str]
    person: NotRequired[str]
    job: NotRequired[str]
    shots: NotRequired[list[str]]
    model: NotRequired[str]
    state: NotRequired[str]
    reason: NotRequired[str]
    message: NotRequired[str]
    attempts: NotRequired[int]
    task: NotRequired[str]
    clip: NotRequired[str]
    cost: NotRequired[str | None]
    usually_seconds: NotRequired[float]
    again_in_seconds: NotRequired[float]


class TeamSumDocument(TypedDict):
    """What a team's purchases cost, in US dollars."""

    tasks: int
    cost: str | None
    charged: str | None
    reserved: str | None


class TeamCostRowDocument(TeamSumDocument):
    """The sum of one person, project, story or month, which is named."""

    person: NotRequired[str]
    project: NotRequired[str]
    story: NotRequired[str]
    month: NotRequired[str]


class TeamCostsDocument(TypedDict):
    """`costs --team --json`. `damaged` says which purchases could not be read."""

    record: Literal["bucket", "ledger"]
    address: str
    by_person: NotRequired[list[TeamCostRowDocument]]
    by_project: NotRequired[list[TeamCostRowDocument]]
    by_story: NotRequired[list[TeamCostRowDocument]]
    by_month: NotRequired[list[TeamCostRowDocument]]
    total: TeamSumDocument
    damaged: list[str]


class ResolvedDocument(TypedDict):
    """`resolve --json`, and `costs --correct --json`. `held` is how many jobs still belong to another account."""

    done: str
    jobs: list[AttemptDocument]
    held: int
    diagnostics: list[FindingDocument]


class MachineDocument(TypedDict):
    """A machine, and when it said that it would send a job."""

    name: str
    since: str


TakenOverDocument = TypedDict("TakenOverDocument", {"done": str, "job": str, "key": str, "from": list[MachineDocument]})
"""`resolve --take-over --json`."""


class StoreDocument(TypedDict):
    """`store ls --json`: the folder of the store, and all attempts."""

    store: str
    jobs: list[AttemptDocument]


class VerifiedClipsDocument(TypedDict):
    """`store verify --json`: how many clips there are, and the hashes of those that are damaged. `freed` is what no
    longer counts as reserved under the shared budgets, in US dollars (`--bucket`)."""

    clips: int
    damaged: list[str]
    freed: NotRequired[str]


class ReleasedPricesDocument(TypedDict):
    """`store release --json`: what a machine had reserved and no longer counts, in US dollars, and the keys of the jobs
    (`kept`) whose price still does, because they may have been sent."""

    machine: str
    freed: str
    kept: list[str]


class StoredClipDocument(TypedDict):
    """A clip of the store, and what needs it."""

    clip: str
    bytes: int
    cost: str | None
    need: str


class SweepDocument(TypedDict):
    """`store gc --json`. `written` says whether anything was removed, or only would be."""

    removed: list[StoredClipDocument]
    bytes: int
    cost: str | None
    stay: list[StoredClipDocument]
    unread_locks: list[str]
    forgotten_locks: list[str]
    written: bool


class StoreCopyDocument(TypedDict):
    """`store pull --json` and `store push --json` with another store on this machine: what was copied to `store`."""

    store: str
    clips: int
    bytes: int
    rows: int
    there: int
    missing: int
    busy: int


class MigrationDocument(TypedDict):
    """`store migrate --json`: attempts that were moved `to` the shared ledger or to the store. `spent` is what all of
    them cost, in US dollars, the same on both sides."""

    to: Literal["ledger", "store"]
    added: int
    changed: int
    there: int
    spent: str


class FetchedClipsDocument(TypedDict):
    """`store pull --json` from a bucket. `away` says why the bucket could not be asked."""

    bucket: str
    clips: int
    bytes: int
    missing: list[str]
    damaged: list[str]
    away: str | None


class PushedClipsDocument(TypedDict):
    """`store push --json` to a bucket: what is there now. `left` is how much is sent by a later command."""

    bucket: str
    clips: int
    notes: int
    locks: int
    left: int
    trouble: str | None
    damaged: list[str]


class BucketClipDocument(TypedDict):
    """A clip in a bucket."""

    clip: str
    bytes: int


class BucketSweepDocument(TypedDict):
    """`store gc --bucket --json`. `written` says whether clips were removed, or only would be."""

    bucket: str
    unnamed: list[BucketClipDocument]
    recent: list[BucketClipDocument]
    named: list[BucketClipDocument]
    removed: int
    written: bool


class LayoutDocument(TypedDict):
    """`fmt --json`: the files that were formatted, or that would be with `--check`."""

    changed: list[str]
    files: int
    diagnostics: list[FindingDocument]


class LockEntryDocument(TypedDict):
    """A job in a lock."""

    shots: list[str]
    content: str
    take: int
    state: str
    seconds: int
    cost: str | None
    in_store: NotRequired[bool]


class PrunedStoryDocument(TypedDict):
    """The jobs of one lock that no story uses any more, and those that stay."""

    path: str
    pruned: list[LockEntryDocument]
    stay: list[LockEntryDocument]


class PrunedDocument(TypedDict):
    """`lock prune --json`. `written` says whether locks were changed, or only would be."""

    stories: list[PrunedStoryDocument]
    pruned: int
    cost: str | None
    written: bool
    diagnostics: list[FindingDocument]


class RuleDocument(TypedDict):
    """A rule with its explanation, a text that breaks it and one that does not."""

    severity: str
    code: str
    name: str
    summary: str
    explanation: str
    bad: str
    good: str


class RulesDocument(TypedDict):
    """`explain CODE --json`, and `explain --json` for all."""

    rules: list[RuleDocument]


class ManualEntryDocument(TypedDict):
    """What a page of the manual says about a name."""

    page: str
    heading: str
    text: str


class ManualDocument(TypedDict):
    """`explain NAME --json`."""

    name: str
    entries: list[ManualEntryDocument]


class SharedJobDocument(TypedDict):
    """What a model takes in a job of several shots."""

    max_shots: int
    min_seconds: int
    max_prompt: int


class ModelParameterDocument(TypedDict):
    """A setting that a model takes: its values in words, and its default."""

    setting: str
    takes: str
    default: Any


class ModelPriceDocument(TypedDict):
    """US dollars per second with these parameters."""

    when: dict[str, Any]
    per_second: str | None


class ModelDocument(TypedDict):
    """A model: its limits, settings and prices."""

    name: str
    title: str
    builtin: bool
    source: str
    checked: str
    seconds: list[int]
    default_seconds: int
    max_prompt: int
    max_negative: int | None
    shared_job: SharedJobDocument | None
    parameters: list[ModelParameterDocument]
    requirements: list[str]
    prices: list[ModelPriceDocument]


class ModelsDocument(TypedDict):
    """`models --json`."""

    models: list[ModelDocument]


class JobChangeDocument(TypedDict):
    """A job that differs from the same job in an earlier document."""

    path: str
    id: str
    change: Literal["new", "gone", "differs"]


class CompileCheckDocument(TypedDict):
    """`compile --check --json`."""

    changes: list[JobChangeDocument]
    stories: list[CompiledStoryDocument]
    diagnostics: list[FindingDocument]
