"""Check a machine for storyboard: versions, the store and its locks, fonts, the key, the gateway."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal

from storyboard import __version__
from storyboard.errors import StoryboardError
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.disk import is_folder, reason
from storyboard.files.environment import environ
from storyboard.files.lock import locks_hold
from storyboard.project.project import Project
from storyboard.project.trust import store_folder

CheckState = Literal["ok", "note", "problem"]

LITTLE = 2_000_000_000
"""Bytes of free disk below which a film may not fit."""
OLDEST_DATE = datetime(2025, 1, 1, tzinfo=UTC)
MOST_SECONDS_OFF = 300
"""A clock that is further off may break TLS and timeouts."""
NAMESAKES = ("storyboard", "storyboard-cli")
"""Packages on the package index that install a module and a command called `storyboard` of their own."""

SCRIPTS = {
    "Latin": "Aé",
    "Cyrillic": "Ж",
    "Greek": "Ω",
    "Chinese": "灯镜",
    "Japanese": "あカ",
    "Korean": "한",
    "Arabic": "ع",
    "Hebrew": "א",
    "Devanagari": "अ",
}
"""Sample letters that show whether the animatic can draw a script."""

_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


class HealthCheck(NamedTuple):
    """The result of one check; `way_out` says what to do about a problem."""

    name: str
    state: CheckState
    text: str
    way_out: str = ""


def examine(project: Project, *, online: bool = False) -> Iterator[HealthCheck]:
    """Run all checks in order. Nothing is sent unless `online`: then one request without a key."""
    yield HealthCheck("storyboard", "ok", f"{__version__} in {Path(__file__).parents[1]}")
    yield _command()
    yield from _namesakes()
    yield HealthCheck("python", "ok", f"{sys.version.split()[0]} at {sys.executable}")
    yield HealthCheck("project", "ok", str(project.root))
    yield from _store(project)
    yield _fonts()
    base_url = _base_url(project)
    yield _key(base_url)
    yield from _network()
    yield _clock()
    if online:
        yield from _gateway(base_url)
    else:
        yield HealthCheck("gateway", "ok", f"{base_url} (not asked: --online)")


def _command() -> HealthCheck:
    """Check which `storyboard` the shell finds."""
    found = shutil.which("storyboard", path=environ.get("PATH"))
    ours = Path(sys.executable).parent / "storyboard"
    if found is None:
        way_out = f"call {ours}, or put its folder on PATH"
        return HealthCheck("command", "note", "the shell finds no `storyboard`", way_out)
    if ours.exists() and Path(found).resolve() != ours.resolve():
        return HealthCheck("command", "problem", f"the shell finds {found}, which is another", f"call {ours}")
    return HealthCheck("command", "ok", found)


def _namesakes() -> Iterator[HealthCheck]:
    for name in NAMESAKES:
        try:
            other = distribution(name)
        except PackageNotFoundError:
            continue
        text = f"the package `{name}` {other.version} is installed here too, and has a `storyboard` of its own"
        yield HealthCheck("package", "problem", text, f"pip uninstall {name}, then install storyboard again")


def _store(project: Project) -> Iterator[HealthCheck]:
    try:
        folder = store_folder(project)
    except StoryboardError as trouble:
        yield HealthCheck("store", "note", trouble.message, trouble.help or "")
        return
    if not is_folder(folder):
        yield HealthCheck("store", "ok", f"{folder} (made by the first purchase)")
        folder = next((each for each in folder.parents if is_folder(each)), Path("/"))
    else:
        yield HealthCheck("store", "ok", str(folder))
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free"
    yield HealthCheck("disk", "ok" if free > LITTLE else "note", text, "" if free > LITTLE else "films may need more")
    yield _locks(folder)


def _locks(folder: Path) -> HealthCheck:
    """Check whether file locks work: without them, two processes could buy the same job."""
    try:
        works = locks_hold(folder)
    except OSError as trouble:
        return HealthCheck("locks", "problem", f"{folder}: {reason(trouble)}", "set `store` to a local disk")
    if works:
        return HealthCheck("locks", "ok", "locks of the store hold")
    return HealthCheck("locks", "problem", "locks of the store do not hold here", "set `store` to a local disk")


_NOTO = "install the Noto fonts; on Debian and Ubuntu: fonts-noto-core, fonts-noto-cjk"
_FONT_SOURCES = {
    "win32": "add the language in Settings > Time & language, which brings its fonts",
    "darwin": "install the Noto fonts of these scripts with Font Book, from https://fonts.google.com/noto",
}
"""Where fonts come from, by `sys.platform`."""


def _fonts() -> HealthCheck:
    from storyboard.media.fonts import system_fonts

    faces = system_fonts().text
    missing = [
        script
        for script, letters in SCRIPTS.items()
        if not all(any(ord(letter) in face.coverage for face in faces) for letter in letters)
    ]
    if not missing:
        return HealthCheck("fonts", "ok", f"{len(faces)} fonts, all scripts")
    return HealthCheck("fonts", "note", f"no font for {', '.join(missing)}", _FONT_SOURCES.get(sys.platform, _NOTO))


def _base_url(project: Project) -> str:
    from storyboard.providers.kirin.gateway import BUILTIN_BASE_URL

    return project.settings.base_url or BUILTIN_BASE_URL


def _key(base_url: str) -> HealthCheck:
    """Check whether there is a key; it is never shown."""
    from storyboard.run.credentials import API_KEY, find_key

    try:
        key = find_key(base_url)
    except StoryboardError as trouble:
        return HealthCheck("key", "problem", trouble.message, trouble.help or "")
    if not key:
        return HealthCheck(
            "key", "note", "none; free builds need none", f"to buy: set {API_KEY}, or storyboard key set"
        )
    source = API_KEY if environ.get(API_KEY, "").strip() else "the system's keyring"
    return HealthCheck("key", "ok", f"from {source}")


def _network() -> Iterator[HealthCheck]:
    proxies = [name for name in _PROXIES if environ.get(name)]
    yield HealthCheck("proxy", "ok", ", ".join(proxies) or "none")
    for name in _CERTIFICATES:
        place = environ.get(name)
        if place:
            there = Path(place).exists()
            way_out = "" if there else f"correct {name}, or unset it"
            text = f"{name}: {place}" + ("" if there else ", which is not there")
            yield HealthCheck("certificates", "ok" if there else "problem", text, way_out)


def _clock() -> HealthCheck:
    now = datetime.now(UTC)
    if now < OLDEST_DATE:
        return HealthCheck("clock", "problem", f"it says {now:%Y-%m-%d}", "set the clock: certificates depend on it")
    return HealthCheck("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _gateway(base_url: str) -> Iterator[HealthCheck]:
    from storyboard.run.reachability import look_at_gateway

    look = look_at_gateway(base_url)
    if look.trouble:
        text = f"{base_url} cannot be reached: {look.trouble}"
        yield HealthCheck("gateway", "problem", text, "check base_url, proxies and network")
        return
    yield HealthCheck("gateway", "ok", f"{base_url} answers")
    if look.clock is not None and abs(look.clock) > MOST_SECONDS_OFF:
        minutes = round(look.clock / 60)
        side = "ahead of" if minutes > 0 else "behind"
        yield HealthCheck("clock", "problem", f"it is {abs(minutes)} minutes {side} the gateway's", "set the clock")
