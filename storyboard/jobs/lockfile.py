"""The file of a lock, `NAME.story.lock`: JSON Lines that git can merge by keeping the lines of both sides.

A first line with the version, and with the values of a variant; then one line a job, sorted by content, with its
fields in one order.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from storyboard.errors import LockError, StoreError
from storyboard.fast_dataclasses import replace
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.disk import SMALL, check_inside, read_file
from storyboard.files.lock import alone_in
from storyboard.files.project_root import project_root
from storyboard.files.relative import relative
from storyboard.files.writing import replace_file
from storyboard.forms import is_base_url, is_count, is_name, is_sha256, is_text, money_of, money_text
from storyboard.jobs.lock import EMPTY_LOCK, Block, Choice, Lock, TeamRecord, lock_of
from storyboard.jobs.purchase_history import Paid, Past, PastPurchase
from storyboard.jobs.purchase_state import LOCK_STATES, PurchaseState

if TYPE_CHECKING:
    from storyboard.jobs.lock_line import LockLine

VERSION = 2
SUFFIX = ".story.lock"
MERGE_RULE = f"*{SUFFIX} merge=union"

MOST_SHOTS = 1000
"""Shots of one job that a line may name; models take far fewer."""


def lock_path(story: Path, variant: str = "") -> Path:
    """Return the path of a story's lock: beside it, one per variant."""
    name = story.name.removesuffix(".story")
    return story.with_name(f"{name}.{variant}{SUFFIX}" if variant else f"{name}{SUFFIX}")


def read_lock(path: Path) -> Lock:
    """Read the lock in a file; an empty one if there is no file.

    A content with two lines, as after a merge, is joined. Raises `LockError` for damage, left-over conflict
    markers and a newer version, `StoreError` if the disk fails.
    """
    try:
        content = read_file(path, inside=_root(path))
    except FileNotFoundError:
        return EMPTY_LOCK
    except OSError as trouble:
        raise StoreError(f"{_shown(path)} cannot be read: {trouble.strerror}") from trouble
    return parse_lock(content, _shown(path))


def _root(path: Path) -> Path:
    """Return the folder that a link to a lock must not leave."""
    return project_root(path.parent) if path.is_symlink() else path.parent


def parse_lock(content: bytes, name: str) -> Lock:
    """Parse the content of a lock file; `name` is the file's name, for errors."""
    blocks: list[Block] = []
    headers: list[_Header] = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        raw = _line(line, place)
        if "version" in raw:
            headers.append(_header(raw, place))
        elif not headers:
            raise _damage(place, "the first line does not state the version of the lock")
        else:
            blocks.append(_block(raw, place))
    if not headers:
        raise _damage(name, "it is empty")
    joint = lock_of(blocks, _choices(headers), (told for header in headers for told in header.past))
    values = {name: text for header in headers for name, text in header.values.items()}
    record = TeamRecord(*(_one_of(headers, field, name) for field in TeamRecord._fields))
    return replace(joint, values=values, record=record) if values or any(record) else joint


def update_lock(path: Path, change: Callable[[Lock], Lock], root: Path | None = None) -> Lock:
    """Read, change and write the lock in one step, excluding other builds on this machine; return what was written.

    It is durable on return, and never partly written. The first lock adds a merge rule for locks to `root`'s
    `.gitattributes`. Raises what `read_lock` raises, and `StoreError` if it cannot be written.
    """
    return KeptLock(path, root).update(change)


class KeptLock:
    """A lock file that is changed many times: it is read again only after another process wrote it, and a line is
    formatted again only if its block has changed."""

    def __init__(self, path: Path, root: Path | None = None) -> None:
        self._path = path
        self._root = root
        self._layout = LockLayout()
        self._known: tuple[_Version, Lock] | None = None

    def update(self, change: Callable[[Lock], Lock]) -> Lock:
        """What `update_lock` does."""
        target = Path(os.path.realpath(self._path))
        with _disk(self._path):
            check_inside(self._path, _root(self._path))
        with _disk(self._path), alone_in(target.parent):
            before = self._read(target)
            after = change(before)
            if after != before:
                if self._root is not None and not target.exists():
                    write_gitattributes(self._root)
                self._known = None
                written = replace_file(target, self._layout.text(after), durable=True)
                self._known = _version_of(written), after
            return after

    def _read(self, target: Path) -> Lock:
        now = _version(target)
        if now is None or self._known is None or self._known[0] != now:
            return read_lock(target)
        return self._known[1]


_Version: TypeAlias = tuple[int, int, int] | None


def _version(target: Path) -> _Version:
    """Return what distinguishes one written file from another; each write makes a new one."""
    try:
        return _version_of(target.stat())
    except FileNotFoundError:
        return None


def _version_of(found: os.stat_result) -> _Version:
    return found.st_ino, found.st_mtime_ns, found.st_size


class LockLayout:
    """Formats locks in their only form, and caches the lines."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[Block, str]] = {}

    def text(self, lock: Lock) -> str:
        """Return the whole file."""
        header: dict[str, Any] = {"version": VERSION}
        header |= {name: each for name, each in lock.record._asdict().items() if each}
        if lock.values:
            header["values"] = {name: lock.values[name] for name in sorted(lock.values)}
        if lock.choices:
            header["chosen"] = {base: list(lock.choices[base]) for base in sorted(lock.choices)}
        if lock.past:
            header["pruned"] = _raw_past(lock.past)
        known, lines = self._lines, [_json(header)]
        for content, block in sorted(lock.blocks.items()):
            kept = known.get(content)
            if kept is None or kept[0] is not block:
                kept = known[content] = block, _json(_raw(block))
            lines.append(kept[1])
        return "".join(lines)


def _json(raw: Mapping[str, Any]) -> str:
    return f"{json.dumps(raw, ensure_ascii=False)}\n"


def write_gitattributes(folder: Path) -> bool:
    """Tell git, in a folder and those below, to merge locks by keeping the lines of both sides; return whether that was
    new."""
    path = folder / ".gitattributes"
    with _disk(path):
        if path.is_symlink():
            return False  # what it leads to is not ours to write
        text = read_file(path, SMALL).decode(errors="surrogateescape") if path.exists() else ""
        if re.search(rf"^\s*\*{re.escape(SUFFIX)}\s.*\bmerge=", text, re.MULTILINE):
            return False
        whole = text if not text or text.endswith("\n") else f"{text}\n"
        replace_file(path, f"{whole}{MERGE_RULE}\n".encode(errors="surrogateescape"))
        return True


def _shown(path: Path) -> str:
    return relative(path, Path.cwd())


def _line(line: bytes, place: str) -> Mapping[str, Any]:
    if line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        raise LockError(
            f"{place}: unresolved merge conflict",
            help=f"keep the lines of both sides and remove the conflict markers (duplicate jobs are merged); "
            f"with `{MERGE_RULE}` in .gitattributes git does this by itself",
        )
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raise _damage(place, "this line is not JSON") from None
    if not isinstance(raw, dict):
        raise _damage(place, "this line is not a job")
    return raw


class _Header(NamedTuple):
    choices: dict[str, Choice]
    past: list[tuple[PastPurchase, Paid]]
    values: Mapping[str, str]
    record: TeamRecord


def _header(raw: Mapping[str, Any], place: str) -> _Header:
    version = raw["version"]
    if not is_count(version, 1):
        raise _damage(place, "`version` is not valid in a lock")
    if version > VERSION:
        raise LockError(
            f"{place}: the lock has version {version}; this version of storyboard reads {VERSION}",
            help="it was written by a newer version of storyboard; update this one",
        )
    if version < VERSION:
        raise LockError(
            f"{place}: the lock has version {version}, which no release has written; this version of storyboard reads "
            f"{VERSION}",
            help="move the lock away; the next build writes a new one from what the store has",
        )
    record = [raw.get(name, "") for name in TeamRecord._fields]
    if not all(each == "" or is_name(each) for each in record):
        raise _damage(place, "`bucket` or `ledger` is not valid in a lock")
    chosen = _object(raw, "chosen", place)
    pruned = _object(raw, "pruned", place)
    values = _object(raw, "values", place)
    if not all(is_text(name) and is_text(text) for name, text in values.items()):
        raise _damage(place, "`values` is not valid in a lock")
    return _Header(
        {base: _choice(base, value, place) for base, value in chosen.items()},
        [told for name, value in pruned.items() for told in _told(name, value, place)],
        values,
        TeamRecord(*record),
    )


def _one_of(headers: Sequence[_Header], field: str, name: str) -> str:
    """Return the one bucket, or the one ledger, that the first lines name."""
    ids = {each for header in headers if (each := getattr(header.record, field))}
    if len(ids) > 1:
        raise LockError(
            f"{name}: its first lines name {len(ids)} different values of `{field}`: {', '.join(sorted(ids))}",
            help=f"two branches were bought with different teams' records; keep the line whose `{field}` is the team's",
        )
    return ids.pop() if ids else ""


def _choices(headers: Sequence[_Header]) -> dict[str, Choice]:
    """After a merge there may be several first lines: the last choice counts."""
    choices: dict[str, Choice] = {}
    for header in headers:
        for base, choice in header.choices.items():
            choices[base] = max(choices.get(base, choice), choice)
    return choices


def _told(name: str, value: object, place: str) -> Iterator[tuple[PastPurchase, Paid]]:
    """Return the purchases of one job in a first line."""
    if not is_sha256(name):
        raise _damage(place, "`pruned` is not valid in a lock")
    for each in value if isinstance(value, list) else [value]:
        match each:
            case [int(attempt), task, str(state), cost] if (
                is_count(attempt) and (task is None or is_name(task)) and state in LOCK_STATES
            ):
                yield PastPurchase(name, attempt, task), Paid(PurchaseState(state), _money(cost, "pruned", place))
            case _:
                raise _damage(place, "`pruned` is not valid in a lock")


def _raw_past(past: Past) -> dict[str, list[Any]]:
    raw: dict[str, list[Any]] = {}
    for (name, attempt, task), (state, cost) in sorted(past.items(), key=lambda told: _in_order(told[0])):
        raw.setdefault(name, []).append([attempt, task, state, None if cost is None else money_text(cost)])
    return raw


def _in_order(purchase: PastPurchase) -> tuple[str, int, str]:
    return purchase.name, purchase.attempt, purchase.task or ""


def _choice(base: str, value: object, place: str) -> Choice:
    match value:
        case [int(number), int(take)] if is_sha256(base) and is_count(number, 1) and is_count(take, 1):
            return Choice(number, take)
        case _:
            raise _damage(place, "`chosen` is not valid in a lock")


_FORMS: Mapping[str, Callable[[object], bool]] = {
    "shots": lambda value: isinstance(value, list) and len(value) <= MOST_SHOTS and all(map(is_text, value)),
    "content": is_sha256,
    "base": is_sha256,
    "take": lambda value: is_count(value, 1),
    "provider": is_name,
    "base_url": lambda value: value == "" or is_base_url(value),
    "dialect": lambda value: value == "" or is_name(value),
    "attempt": is_count,
    "task": lambda value: value is None or is_name(value),
    "clip": lambda value: value is None or is_sha256(value),
    "seconds": is_count,
    "cost": lambda value: value is None or money_of(value) is not None,
    "state": lambda value: value in LOCK_STATES,
    "key": lambda value: value == "" or is_sha256(value),
}
"""What each field of a line must look like; a line with another form is damaged."""


def _block(raw: Mapping[str, Any], place: str) -> Block:
    fields = {name: raw.get(name) for name in _FORMS} | {"key": "" if raw.get("key") is None else raw["key"]}
    for name, is_well_formed in _FORMS.items():
        if not is_well_formed(fields[name]):
            raise _damage(place, f"`{name}` is missing or not valid in a lock")
    state = PurchaseState(fields["state"])
    return Block(**fields | {"state": state, "shots": tuple(fields["shots"]), "cost": money_of(fields["cost"])})


def _raw(block: Block) -> LockLine:
    return {
        "shots": list(block.shots),
        "content": block.content,
        "base": block.base,
        "take": block.take,
        "provider": block.provider,
        "base_url": block.base_url,
        "dialect": block.dialect,
        "attempt": block.attempt,
        "task": block.task,
        "clip": block.clip,
        "seconds": block.seconds,
        "cost": None if block.cost is None else money_text(block.cost),
        "state": block.state,
        "key": block.key,
    }


def _object(raw: Mapping[str, Any], name: str, place: str) -> Mapping[str, Any]:
    value = raw.get(name, {})
    if not isinstance(value, dict):
        raise _damage(place, f"`{name}` is not valid in a lock")
    return value


def _money(value: object, name: str, place: str) -> Decimal | None:
    amount = money_of(value)
    if amount is None and value is not None:
        raise _damage(place, f"`{name}` is not an amount of money")
    return amount


def _damage(place: str, what: str) -> LockError:
    return LockError(
        f"{place}: {what}",
        help="restore the file from git, or delete the line: what this machine bought is still in its store and "
        "ledger, and the next build adds it here again",
    )


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        raise StoreError(f"{_shown(path)} cannot be written: {trouble.strerror}") from trouble
