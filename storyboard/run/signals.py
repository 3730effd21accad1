"""A run from the command line: the event loop, and the meaning of Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from storyboard.errors import InterruptedRun
from storyboard.run.admission import Halt

T = TypeVar("T")
TURN = 0.0005
"""Seconds after which a thread lets another one have the interpreter: most of the work is done outside it, in short
steps, and who comes back with one should not have to wait for longer than it took."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop_event() -> Event:
    """Return an event that is set by Ctrl-C or SIGTERM, which from now on end nothing themselves."""
    stopped = Event()
    for number in SIGNALS:
        signal.signal(number, lambda _number, _frame: stopped.set())
    return stopped


def carry_out(work: Callable[[Halt], Awaitable[T]]) -> T:
    """Run the work to its end. A first Ctrl-C (or SIGTERM) asks it to halt, a second ends it at once.

    Raises `InterruptedRun` for the second; nothing is lost by it.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        return asyncio.run(_interruptible(work))
    finally:
        sys.setswitchinterval(before)


async def _interruptible(work: Callable[[Halt], Awaitable[T]]) -> T:
    halt = Halt()
    task = asyncio.ensure_future(work(halt))
    loop = asyncio.get_running_loop()
    with _answering(loop, lambda: task.cancel() if halt.asked else halt.ask()):
        try:
            return await task
        except asyncio.CancelledError:
            raise InterruptedRun("stopped", help="nothing is lost: run the same command to continue") from None


@contextmanager
def _answering(loop: asyncio.AbstractEventLoop, answer: Callable[[], object]) -> Iterator[None]:
    """Call `answer` in the loop at each signal."""
    if sys.platform != "win32":
        for number in SIGNALS:
            loop.add_signal_handler(number, answer)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)
    else:  # no loop answers signals there
        before = {number: signal.getsignal(number) for number in SIGNALS}
        for number in SIGNALS:
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(answer))
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
