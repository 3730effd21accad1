"""The settings of a run, from flags, the environment, `storyboard.toml` and the user's own configuration.

Every key is defined once, in `KEYS`: its meaning, how its value is read, and what a project may do with it. The first
source that sets a key wins: flag, environment, project, user, default. But a project's file may come from a stranger:
if user and project both set a limit, the stricter one counts (`Key.stricter`), and the user is asked about settings
that affect the key or the money (`trust.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeAlias

from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, field, field_names
from storyboard.files.disk import SMALL, read_file
from storyboard.files.environment import environ
from storyboard.files.toml import parse_toml
from storyboard.forms import is_base_url, is_count, is_host_below, is_plain

Where: TypeAlias = Literal["flag", "environment", "project", "user", "default"]

PROJECT_FILE = "storyboard.toml"
BUILTIN_PROVIDERS = ("animatic", "kirin")
PAYING = "kirin"
"""The default provider for prices."""
ENVIRONMENT = {
    "STORYBOARD_BASE_URL": "base_url",
    "STORYBOARD_STORE": "store",
    "STORYBOARD_CLIPS": "clips",
    "STORYBOARD_LEDGER": "ledger",
    "STORYBOARD_PROVIDER": "provider",
}
LARGEST_BUDGET = Decimal(10**9)
MOST_COUNT = 10_000
LONGEST_PROJECT = 100
LONGEST_SECONDS = 10
"""Most digits of a number of seconds."""


@dataclass(frozen=True, slots=True)
class Lint:
    """`[lint]`: codes of warnings and hints that are not shown, and codes that are errors here. `folders` has the same
    for single folders, by absolute path; the nearest folder that names a code decides."""

    ignore: tuple[str, ...] = ()
    error: tuple[str, ...] = ()
    folders: Mapping[Path, Lint] = field(default_factory=dict)

    def judge(self, code: str, path: Path) -> Literal["ignore", "error"] | None:
        """Return how a code is treated in a file; None for the rule's default."""
        near = [folder for folder in self.folders if path.is_relative_to(folder)]
        for lint in (*(self.folders[folder] for folder in sorted(near, key=_depth, reverse=True)), self):
            if code in lint.error:
                return "error"
            if code in lint.ignore:
                return "ignore"
        return None


def _depth(folder: Path) -> int:
    return len(folder.parts)


@dataclass(frozen=True, slots=True)
class AnimaticSettings:
    """`[animatic]`: size and frame rate of the local rendering; `width` is the longer side in pixels."""

    width: int = 1280
    fps: int = 24


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run; times in seconds. `where` names the source of each key that was set; `prices` are all
    price tables, the decisive one last. `budget` is the project's; `own_budget`, also in US dollars, is the user's for
    all projects, which no project and no flag can raise. `options` are the other keys of a plug-in's
    `[providers.NAME]`."""

    provider: str | None = None
    base_url: str | None = None
    protocol: Literal["generation", "queue"] = "generation"
    store: Path | None = None
    project: str | None = None
    clips: str | None = None
    ledger: str | None = None
    standby: Literal["none", "synchronous", "may-lose"] = "none"
    concurrency: int = 5
    attempts: int = 3
    resend: Literal["auto", "never"] = "auto"
    unique_ids: bool = False
    wait: float = 15.0
    first_poll: float = 1.0
    task_life: float = 7200.0
    budget: Decimal | None = None
    own_budget: Decimal | None = None
    prices: tuple[tuple[Where, Mapping[str, Any]], ...] = ()
    download_hosts: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    lint: Lint = field(default_factory=Lint)
    animatic: AnimaticSettings = AnimaticSettings()
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    certificate: Path | None = None
    private_key: Path | None = None
    where: Mapping[str, Where] = field(default_factory=dict)

    @property
    def building(self) -> str:
        """The provider of `build`: the free one unless a project or the user sets another."""
        return self.provider or "animatic"

    @property
    def paying(self) -> str:
        """The provider of `compile` and `plan`."""
        return self.provider or PAYING

    @property
    def buying(self) -> str:
        """The provider whose purchases packing must preserve, even if a free one renders."""
        return PAYING if self.paying == "animatic" else self.paying


class ProjectPower(StrEnum):
    """What a project's `storyboard.toml` may do with a user's setting."""

    SETS = "sets it"
    ASKS = "sets it; asked about once"
    TIGHTENS = "can only tighten yours"
    NONE = "never"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of `storyboard.toml`: its meaning, and how a value is read (ValueError says what it takes). For a limit,
    `stricter` returns the stricter of two values; it raises ValueError if they exclude each other. `personal` is what
    belongs to a person and not to a project: a project's file that has it is refused.
    """

    name: str
    about: str
    read: Callable[[Any, Path], Any]
    asks: bool = False
    personal: bool = False
    stricter: Callable[[Any, Any], Any] | None = None

    @property
    def project_power(self) -> ProjectPower:
        """What a project may do with it."""
        if self.personal:
            return ProjectPower.NONE
        if self.stricter is not None:
            return ProjectPower.TIGHTENS
        return ProjectPower.ASKS if self.asks else ProjectPower.SETS


def load_settings(root: Path, flags: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Load the settings for the project at `root`; `flags` are the command line's values, by key (None: not given).

    Raises UsageError for a file that cannot be read, an unknown key or a value that a key does not take.
    """
    environment = environ if environment is None else environment
    said: dict[str, Any] = {}
    where: dict[str, Where] = {}
    own, project = read_configuration(user_file(environment)), read_configuration(root / PROJECT_FILE, inside=root)
    levels: tuple[tuple[Where, Mapping[str, Any]], ...] = (
        ("user", own),
        ("project", _tightened(own, project, root / PROJECT_FILE)),
        ("environment", _given({variable: environment.get(variable) for variable in ENVIRONMENT}, ENVIRONMENT)),
        ("flag", _given({f"--{name.replace('_', '-')}": value for name, value in flags.items()}, _FLAGS)),
    )
    named = next((values["provider"] for _, values in reversed(levels) if "provider" in values), None)
    for level, values in levels:
        values = of_provider(PAYING if named in (None, "animatic") else named, values)
        said.update(values, options=said.get("options", {}) | values.get("options", {}))
        where.update(dict.fromkeys(values, level))
        if "options" in values:  # a plug-in's options may decide where its gateway is
            where["base_url"] = level
    said["prices"] = tuple((level, values["prices"]) for level, values in levels if "prices" in values)
    if where.get("budget") == "user":
        del said["budget"]
    return Settings(**said, own_budget=own.get("budget"), where=where)


def of_provider(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file's settings, with `[providers.NAME]` overriding the general values."""
    table = dict(values.get("providers", {}).get(name, {}))
    folded = {key: value for key, value in values.items() if key != "providers"}
    folded |= {key: table.pop(key) for key in _OF_A_PROVIDER if key in table}
    return folded | ({"options": table} if table else {})


def _tightened(own: Mapping[str, Any], project: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the project's settings without those that would loosen a limit of the user."""
    tightened = dict(project)
    for name in own.keys() & project.keys():
        stricter = KEYS[name].stricter
        if stricter is None:
            continue
        try:
            limit = stricter(own[name], project[name])
        except ValueError as error:
            raise UsageError(f"{path}: `{name}` {error}") from error
        if limit == own[name]:
            del tightened[name]
        else:
            tightened[name] = limit
    return tightened


def read_configuration(path: Path, *, inside: Path | None = None) -> dict[str, Any]:
    """Return the contents of a configuration file, by key; empty if there is no file. A project's file must lie
    `inside` its folder, and may not hold what belongs to a person."""
    try:
        text = read_file(path, SMALL, inside=inside).decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {_reason(error)}") from error
    try:
        table = parse_toml(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {_reason(error)}") from error
    for name in table if inside is not None else ():
        if name in KEYS and KEYS[name].personal:
            raise UsageError(
                f"{_place(path, text, name)}: a project cannot set `{name}`",
                help=f"remove it; your own is in {user_file(environ)}",
            )
    return {name: _read_key(name, value, path, text) for name, value in table.items()}


def user_file(environment: Mapping[str, str]) -> Path:
    """Return the path of the user's own configuration."""
    from storyboard.files.user_folders import config_folder

    return config_folder(environment) / "config.toml"


def _read_key(name: str, value: Any, path: Path, text: str) -> Any:
    key = KEYS.get(name)
    if key is None:
        raise _unknown(name, KEYS, _place(path, text, name))
    try:
        return key.read(value, path.parent)
    except ValueError as error:
        raise UsageError(f"{_place(path, text, name)}: `{name}` {error}") from error


def _given(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of variables or flags, by key; empty ones are ignored. Paths are relative to the working
    directory."""
    said = {}
    for given, value in values.items():
        if value in (None, ""):
            continue
        name = names[given]
        try:
            said[name] = KEYS[name].read(value, Path.cwd())
        except ValueError as error:
            raise UsageError(f"{given} {error}") from error
    return said


def _unknown(name: str, known: Mapping[str, object], place: str) -> UsageError:
    return UsageError(
        f"{place}: there is no setting `{name}`",
        help=did_you_mean(name, known) or "the settings are: " + ", ".join(sorted(known)),
    )


def _place(path: Path, text: str, name: str) -> str:
    """Find the line of a key, as far as possible without a parser that keeps places."""
    pattern = re.compile(rf"^\s*\[?\s*[\"']?{re.escape(name)}[\"']?\s*[\]=.]")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return f"{path}:{number}"
    return str(path)


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _text(value: Any, _folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text")
    return value.strip()


def _address(value: Any, folder: Path) -> str:
    text = _text(value, folder).rstrip("/")
    if not is_base_url(text):
        raise ValueError("must be an address that starts with https:// or http://, without a user name or a query")
    return text


def _switch(value: Any, folder: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError("takes true or false")
    return value


def _project_name(value: Any, folder: Path) -> str:
    name = _text(value, folder)
    if len(name) > LONGEST_PROJECT or not re.fullmatch(r"[\w-][\w.-]*", name):
        raise ValueError("takes a name of letters, digits, `-`, `_` and `.`")
    return name


def _bucket(value: Any, folder: Path) -> str:
    from storyboard.bucket.address import read_address

    try:
        return str(read_address(_text(value, folder)))
    except UsageError as error:
        raise ValueError("takes the address of a bucket, such as s3://films/team, gs://… or az://…") from error


def _server(value: Any, folder: Path) -> str:
    """Check the address of a PostgreSQL database. A password in it is refused, because files are shared and
    environments can be read."""
    from urllib.parse import parse_qsl, urlsplit

    text = _text(value, folder)
    try:
        parts = urlsplit(text)
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        has_password = parts.password is not None or bool(given.keys() & {"password", "sslpassword"})
    except ValueError:
        raise ValueError(_SERVER_FORM) from None
    if parts.scheme not in ("postgresql", "postgres") or not text.startswith(f"{parts.scheme}://"):
        raise ValueError(_SERVER_FORM)
    if has_password:
        raise ValueError("must not contain a password; PostgreSQL reads it from ~/.pgpass, PGPASSFILE or PGPASSWORD")
    return text


_SERVER_FORM = "takes the address of a PostgreSQL database, such as postgresql://host/database"


def _path(value: Any, folder: Path) -> Path:
    text = _text(value, folder)
    if "\0" in text:
        raise ValueError("must be a path")
    return folder.absolute() / Path(text).expanduser()


def _count(value: Any, _folder: Path) -> int:
    if not is_count(value, 1, MOST_COUNT):
        raise ValueError(f"must be a whole number from 1 to {MOST_COUNT:,}")
    return value


def _even(value: Any, folder: Path) -> int:
    if _count(value, folder) % 2 or not 64 <= value <= 3840:
        raise ValueError("must be an even number of pixels from 64 to 3840")
    return int(value)


def _fps(value: Any, folder: Path) -> int:
    if _count(value, folder) > 60:
        raise ValueError("must be a whole number from 1 to 60")
    return int(value)


def _choice(*choices: str) -> Callable[[Any, Path], str]:
    def read(value: Any, _folder: Path) -> str:
        if value not in choices:
            raise ValueError("takes " + " or ".join(f'"{choice}"' for choice in choices))
        return str(value)

    return read


_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}


def _seconds(value: Any, _folder: Path) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|)", str(value))
    if isinstance(value, bool) or not found or len(found[1]) > LONGEST_SECONDS:
        raise ValueError('takes seconds, or a text such as "15s", "90 min" or "2h"')
    return float(found[1]) * _UNITS[found[2]]


def _money(value: Any, _folder: Path) -> Decimal:
    return read_money(value)


def read_money(value: Any) -> Decimal:
    """Parse an amount of US dollars, such as `12` or `12.50 USD`; ValueError says what it takes."""
    try:
        amount = Decimal(str(value).removesuffix("USD").strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not is_plain(amount) or not 0 <= amount <= LARGEST_BUDGET:
        raise ValueError('takes US dollars, such as 12 or "12.50 USD"')
    return amount


def _hosts(value: Any, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list of hosts, such as ["cdn.example.com"]')
    return tuple(_text(item, folder) for item in value)


def _the_same(own: Any, project: Any) -> Any:
    """Return a setting of which no value is the stricter one: the user and the project must agree."""
    if own != project:
        raise ValueError(f'is "{project}" here and "{own}" in your own configuration; make them agree')
    return own


def _never(one: str, other: str) -> str:
    return "never" if "never" in (one, other) else "auto"


def _common_hosts(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the hosts that both lists allow; an empty list allows every host."""
    if not one or not other:
        return one or other
    common = [host for host in other if any(is_host_below(host, each) for each in one)]
    common += [host for host in one if host not in common and any(is_host_below(host, each) for each in other)]
    if not common:
        raise ValueError("has no host in common with `download_hosts` in your own configuration")
    return tuple(one if set(common) == set(one) else common)


def _prices(value: Any, _folder: Path) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be a table of model names and prices")
    return value


def _variants(value: Any, _folder: Path) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise ValueError("must be a table per variant, such as [variants.winter]")
    for name, table in value.items():
        for param, text in table.items():
            if not isinstance(text, str):
                raise ValueError(f'`{name}` `{param}` must be a text in quotes, `{param} = "{text}"`')
    return value


def _providers(value: Any, folder: Path) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise ValueError("must be a table per provider, such as [providers.kirin]")
    return {name: _provider(name, table, folder) for name, table in value.items()}


def _provider(name: str, table: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    said = dict(table)
    for key, value in table.items():
        if key not in _OF_A_PROVIDER:
            if name in BUILTIN_PROVIDERS:
                raise ValueError(f"`{name}` {_misplaced(key, _OF_A_PROVIDER)}")
            continue
        try:
            said[key] = _OF_A_PROVIDER[key](value, folder)
        except ValueError as error:
            raise ValueError(f"`{name}` `{key}` {error}") from error
    return said


def _table(kind: type[Any], keys: Mapping[str, Callable[[Any, Path], Any]]) -> Callable[[Any, Path], Any]:
    names = keys.keys() & field_names(kind)

    def read(value: Any, folder: Path) -> Any:
        if not isinstance(value, dict):
            raise ValueError("must be a table")
        said = {}
        for name, item in value.items():
            if name not in names:
                raise ValueError(_misplaced(name, names))
            try:
                said[name] = keys[name](item, folder)
            except ValueError as error:
                raise ValueError(f"`{name}` {error}") from error
        return kind(**said)

    return read


def _misplaced(name: str, known: Iterable[str]) -> str:
    if name in KEYS:
        return f"has no `{name}`; this setting belongs to the project: write it above the first `[table]`"
    return _with_guess(f"has no `{name}`", name, known)


def _with_guess(message: str, name: str, known: Iterable[str]) -> str:
    guess = did_you_mean(name, known)
    return f"{message}; {guess}" if guess else message


def _codes(value: Any, folder: Path) -> tuple[str, ...]:
    from storyboard.diagnostics.rules import RULES

    if not isinstance(value, list):
        raise ValueError('takes a list of codes, such as ["SB140"]')
    codes = tuple(_text(item, folder) for item in value)
    for code in codes:
        if code not in RULES:
            raise ValueError(_with_guess(f"knows no `{code}`", code, RULES))
    return codes


def _ignorable(value: Any, folder: Path) -> tuple[str, ...]:
    from storyboard.diagnostics.diagnostic import Severity
    from storyboard.diagnostics.rules import RULES

    codes = _codes(value, folder)
    for code in codes:
        if RULES[code].severity is Severity.ERROR:
            raise ValueError(f"cannot ignore `{code}`: it is an error, not a warning or a hint")
    return codes


def _lint(value: Any, folder: Path) -> Lint:
    own = {"ignore": _ignorable, "error": _codes}
    inner = _table(Lint, own)

    def folders(tables: Any, base: Path) -> Mapping[Path, Lint]:
        if not isinstance(tables, dict):
            raise ValueError('must be a table per folder, such as [lint.folders."films/drafts"]')
        return {(base / _text(name, base)).resolve(): inner(table, base) for name, table in tables.items()}

    lint: Lint = _table(Lint, {**own, "folders": folders})(value, folder)
    for each in (lint, *lint.folders.values()):
        for code in each.ignore:
            if code in each.error:
                raise ValueError(f"names `{code}` under `ignore` and under `error`")
    return lint


_PROTOCOL = _choice("generation", "queue")
_OF_A_PROVIDER: Mapping[str, Callable[[Any, Path], Any]] = {"base_url": _address, "protocol": _PROTOCOL}
"""The keys of `[providers.NAME]` for every provider, read like the general keys of the same name."""

KEYS: Mapping[str, Key] = {
    key.name: key
    for key in (
        Key("provider", 'who renders: `"animatic"` (local, free), `"kirin"`, or a plug-in\'s name', _text),
        Key("base_url", "where the gateway is", _address, asks=True),
        Key("protocol", 'the gateway\'s dialect: `"generation"` or `"queue"`', _PROTOCOL),
        Key(
            "providers",
            "`[providers.NAME]`: `base_url` and `protocol` for one provider only, and any other options of a plug-in",
            _providers,
            asks=True,
        ),
        Key("store", "the folder for bought clips and the ledger; relative to this file", _path, asks=True),
        Key(
            "project", "the project's name in a team: the same on every machine, whatever its folder is", _project_name
        ),
        Key(
            "clips",
            "the bucket that a team shares, such as `s3://films/team`: clips and purchase notes",
            _bucket,
            asks=True,
        ),
        Key(
            "ledger",
            "the PostgreSQL database in which many machines keep one ledger, such as `postgresql://host/films`; "
            "without a password, which PostgreSQL reads from `~/.pgpass` or PGPASSWORD",
            _server,
            asks=True,
        ),
        Key(
            "standby",
            'what follows that database\'s server: `"none"`, a `"synchronous"` standby, or one that `"may-lose"` the '
            "last commits",
            _choice("none", "synchronous", "may-lose"),
            stricter=_the_same,
        ),
        Key("concurrency", "jobs in flight at once", _count, stricter=min),
        Key("attempts", "attempts at a job that fails because the gateway lacks resources", _count, stricter=min),
        Key(
            "resend",
            '`"never"`: a submit without an answer is never sent again',
            _choice("auto", "never"),
            stricter=_never,
        ),
        Key(
            "unique_ids",
            "true: the gateway refuses or replays an id that it knows, for good, so that a job of another machine that "
            "is silent is sent again under the same id; said wrongly it pays twice",
            _switch,
            personal=True,
        ),
        Key("wait", "seconds of lookups before an unanswered submit is considered lost", _seconds, stricter=max),
        Key("first_poll", "seconds after its submit until a job is first asked about", _seconds, stricter=max),
        Key("task_life", "seconds to wait for a task before the run ends without it", _seconds, stricter=min),
        Key(
            "budget",
            "US dollars that this project may spend in total, whatever the budgets of its stories; in your own "
            "configuration: the total for all your projects",
            _money,
            stricter=min,
        ),
        Key("prices", "US dollars per second, by model, if a card states no price or too low a price", _prices),
        Key(
            "download_hosts",
            "hosts that clips may be downloaded from; no others are used",
            _hosts,
            stricter=_common_hosts,
        ),
        Key(
            "lint",
            "`ignore`: codes of warnings and hints not to show; `error`: codes that are errors here; "
            '`[lint.folders."films/drafts"]`: both for one folder',
            _lint,
        ),
        Key(
            "animatic",
            "`width` (pixels of the longer side) and `fps`",
            _table(AnimaticSettings, {"width": _even, "fps": _fps}),
        ),
        Key("variants", "`[variants.NAME]`: what `--as NAME` sets the `param`s to, without `--set`", _variants),
        Key(
            "certificate",
            "the certificate that `storyboard sign` signs with: a PEM file, yours first, then its issuers'",
            _path,
            personal=True,
        ),
        Key(
            "private_key", "the private key of that certificate: a PEM file without a passphrase", _path, personal=True
        ),
    )
}
"""All keys of `storyboard.toml` and of the user's configuration."""

_FLAGS = {f"--{name.replace('_', '-')}": name for name in KEYS}
