"""Makes this process look like Windows to storyboard: what only POSIX has is gone, and files behave as they do there.

For pytest: `-p tests.support.as_windows`. It must come before storyboard is imported. The libraries keep what they found
when they were imported here. Paths stay those of this machine. A `storyboard` that a test starts is changed
in the same way (`children_as_windows/`). A test of what Windows has not is marked `posix`, with the reason.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import errno
import fcntl
import importlib
import io
import os
import signal
import stat
import struct
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIBRARIES = [
    "sqlite3",
    "subprocess",
    "tempfile",
    "shutil",
    "multiprocessing",
    "socket",
    "ssl",
    "pty",
    "pathlib",
    "pdb",
    "platform",
    "webbrowser",
    "http.server",
    "concurrent.futures.thread",
    "logging",
    "click",
    "click.shell_completion",
    "rich.console",
    "rich.progress",
    "zoneinfo",
    "pydantic",
    "jinja2",
    "lark",
    "pathspec",
    "platformdirs",
    "watchfiles",
    "av",
    "PIL.Image",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "uniseg.graphemecluster",
    "httpcore",
    "httpx",
    "keyring",
    "starlette.applications",
    "uvicorn",
    "c2pa",
]
"""What the commands import, each with what it finds on this machine."""

LARGE_LIBRARIES = ["pygls.lsp.server", "lsprotocol.types", "click.testing", "hypothesis"]
"""What the language server and the tests import besides. It takes most of a second, so other commands go without it."""

POSIX_MODULES = ("fcntl", "termios", "tty", "pwd", "grp", "resource", "posix_ipc", "syslog")
POSIX_NAMES = [
    "O_CLOEXEC",
    "O_NOFOLLOW",
    "O_DIRECTORY",
    "O_NONBLOCK",
    "O_PATH",
    "O_SYNC",
    "O_DSYNC",
    "O_NOCTTY",
    "fchmod",
    "fchown",
    "chown",
    "lchown",
    "geteuid",
    "getuid",
    "getgid",
    "getegid",
    "getlogin",
    "getpgid",
    "setsid",
    "killpg",
    "fork",
    "forkpty",
    "statvfs",
    "fstatvfs",
    "sync",
    "posix_fallocate",
    "posix_fadvise",
    "sendfile",
    "mkfifo",
    "mknod",
    "uname",
    "nice",
    "getloadavg",
    "sched_yield",
    "sched_getaffinity",
    "chroot",
    "confstr",
    "sysconf",
    "pread",
    "pwrite",
    "copy_file_range",
]
SIGNALS = [
    "SIGHUP",
    "SIGQUIT",
    "SIGKILL",
    "SIGUSR1",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGCHLD",
    "SIGWINCH",
    "SIGTSTP",
    "SIGCONT",
    "SIGSTOP",
]
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
FORBIDDEN = frozenset('<>:"|?*\\') | {chr(code) for code in range(32)}
SHARING_VIOLATION = 32
KILL = signal.SIGKILL
CHILDREN = Path(__file__).with_name("children_as_windows")
"""The folder of the module that changes each storyboard that a test starts."""


def _refuse(path: object, why: str) -> PermissionError:
    return PermissionError(errno.EACCES, why, str(path))


def _check_name(path: object) -> None:
    """Raise OSError for a file that cannot have this name on Windows."""
    if not isinstance(path, str | os.PathLike):
        return
    name: object = os.path.basename(os.fspath(path))
    if not isinstance(name, str) or name in (".", ".."):
        return
    if FORBIDDEN & set(name) or name[-1:] in (".", " ") or name.partition(".")[0].rstrip().lower() in RESERVED:
        raise OSError(errno.EINVAL, "Windows has no file of this name", str(path))


def _is_open(path: object) -> bool:
    """Whether this process has the file open."""
    try:
        there = os.lstat(path)  # type: ignore[arg-type]
    except OSError:
        return False
    if not stat.S_ISREG(there.st_mode):
        return False
    for number in os.listdir("/proc/self/fd"):
        try:
            if os.path.samestat(os.fstat(int(number)), there):
                return True
        except OSError:
            continue
    return False


def _check_closed(path: object) -> None:
    if _is_open(path):
        raise _refuse(path, f"[WinError {SHARING_VIOLATION}] the file is open")


def _check_free(path: object, *_: object) -> None:
    """Raise OSError for a file that Windows would not replace or remove now."""
    _check_closed(path)
    try:
        there = os.lstat(path)  # type: ignore[arg-type]
    except OSError:
        return
    if stat.S_ISREG(there.st_mode) and not there.st_mode & stat.S_IWUSR:
        raise _refuse(path, "[WinError 5] the file may not be written")


def _no_folder_descriptor(more: dict[str, Any]) -> None:
    if any(more.get(name) is not None for name in ("dir_fd", "src_dir_fd", "dst_dir_fd")):
        raise NotImplementedError("dir_fd unavailable on this platform")


def _wrap(name: str, check: Callable[..., None]) -> None:
    real = getattr(os, name)

    def wrapped(*arguments: Any, **more: Any) -> Any:
        _no_folder_descriptor(more)
        check(*arguments)
        return real(*arguments, **more)

    setattr(os, name, wrapped)


def _check_open(path: object, flags: int, *_: object) -> None:
    unnamed = flags & os.O_TMPFILE == os.O_TMPFILE  # pytest's own, which goes on as it began
    if isinstance(path, str | os.PathLike) and os.path.isdir(path) and not unnamed:
        raise _refuse(path, "it is a folder")
    if flags & os.O_CREAT:
        _check_name(path)


def _check_move(source: object, target: object, *_: object) -> None:
    _check_closed(source)
    _check_free(target)
    _check_name(target)


def _locking() -> types.ModuleType:
    """`msvcrt.locking`: bytes of an open file, for this handle alone, by the locks of open files that Linux has.

    The whole file is locked too, shared where one byte is: a small program that a test starts does not look like Windows.
    """
    module = types.ModuleType("msvcrt")
    flock = "hhqqi4x"

    def locking(descriptor: int, mode: int, count: int) -> None:
        begin = os.lseek(descriptor, 0, os.SEEK_CUR)
        writes = real_fcntl.fcntl(descriptor, real_fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
        kind = real_fcntl.F_UNLCK if mode == module.LK_UNLCK else real_fcntl.F_WRLCK if writes else real_fcntl.F_RDLCK
        asked = struct.pack(flock, kind, os.SEEK_SET, begin, count, 0)
        try:
            real_fcntl.fcntl(descriptor, real_fcntl.F_OFD_SETLK, asked)
            whole = real_fcntl.LOCK_SH if count == 1 else real_fcntl.LOCK_EX
            real_fcntl.flock(
                descriptor, (real_fcntl.LOCK_UN if mode == module.LK_UNLCK else whole) | real_fcntl.LOCK_NB
            )
        except OSError as error:
            raise PermissionError(errno.EACCES, "Permission denied") from error

    module.__dict__.update(LK_UNLCK=0, LK_LOCK=1, LK_NBLCK=2, LK_RLCK=3, LK_NBRLCK=4, locking=locking)
    return module


real_fcntl = fcntl


def _open_by_name(real: Callable[..., Any]) -> Callable[..., Any]:
    def opened(file: Any, mode: str = "r", *arguments: Any, **more: Any) -> Any:
        if any(letter in mode for letter in "wxa+"):
            _check_name(file)
        return real(file, mode, *arguments, **more)

    return opened


def _system_folder() -> Path:
    """A folder as `C:/Windows`, with the fonts of this machine."""
    folder = Path(sys.modules["tempfile"].gettempdir(), "storyboard-as-windows")
    folder.mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (folder / "Fonts").symlink_to("/usr/share/fonts")
    return folder


def become_windows() -> None:
    """Take away what Windows has not, for the rest of this process."""
    large = LARGE_LIBRARIES if "pytest" in sys.modules or "lsp" in sys.orig_argv else []
    for name in [*LIBRARIES, *large]:
        importlib.import_module(name)
    shutil: Any = sys.modules["shutil"]
    shutil._USE_CP_SENDFILE = False
    shutil._use_fd_functions = False
    space = shutil.disk_usage("/")
    shutil.disk_usage = lambda path: space
    for name in POSIX_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    sys.modules["msvcrt"] = _locking()
    _wrap("open", _check_open)
    for name in ("unlink", "remove"):
        _wrap(name, _check_free)
    for name in ("rename", "replace"):
        _wrap(name, _check_move)
    _wrap("mkdir", lambda path, *_: _check_name(path))
    _wrap("stat", lambda *_: None)
    os.supports_dir_fd.clear()
    builtins.open = io.open = _open_by_name(io.open)
    for name in POSIX_NAMES:
        if hasattr(os, name):
            delattr(os, name)
    for name in SIGNALS:
        delattr(signal, name)
    asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler = (  # type: ignore[method-assign]
        asyncio.AbstractEventLoop.add_signal_handler
    )
    sys.modules["subprocess"].Popen.kill = lambda self: self.send_signal(KILL)
    del time.tzset
    sys.modules["ssl"].enum_certificates = lambda store: []  # type: ignore[attr-defined]
    sys.modules["webbrowser"].WindowsDefault = sys.modules["webbrowser"].BackgroundBrowser  # type: ignore[attr-defined]
    io._WindowsConsoleIO = type("_WindowsConsoleIO", (), {})  # type: ignore[attr-defined]  # pytest asks for it
    os.environ.setdefault("LOCALAPPDATA", f"{Path.home()}/AppData/Local")
    os.environ.setdefault("SYSTEMROOT", str(_system_folder()))
    elsewhere = (folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder)
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([str(CHILDREN), *elsewhere]))
    sys.platform = "win32"


become_windows()
