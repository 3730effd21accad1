"""A real Chromium without a window, driven by its own debugging protocol."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError

from websockets.sync.client import ClientConnection, connect

from tests.support.waiting import PATIENCE, until

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_STATE = """JSON.stringify([...document.querySelectorAll("video")].map(
  each => [each.currentTime, each.paused, each.ended, each.readyState, each.error?.message]
).concat([[document.activeElement?.outerHTML.slice(0, 80), document.hidden]]))"""
_CODES = {"Escape": 27, "Enter": 13}
# What the protocol answers for a script whose page was left while it ran.
_LEFT = ("Inspected target navigated or closed", "Execution context was destroyed", "Cannot find context")


class PageLeft(Exception):
    """The page that a script ran in was left, for another or for itself loaded anew, before it answered."""


class Browser:
    """One page. `complaints` are what it wrote to its console, and errors of its script."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._last = 0
        for domain in ("Page", "Runtime", "Log", "Network", "Performance"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """A command of the protocol; its result."""
        self._last += 1
        self.connection.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            message = json.loads(self.connection.recv(timeout=PATIENCE))
            if message.get("id") == self._last:
                if "error" in message and message["error"]["message"].startswith(_LEFT):
                    raise PageLeft(message["error"]["message"])
                assert "error" not in message, message["error"]
                return dict(message["result"])
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled":
                self.complaints.append(json.dumps(params["args"]))
            case "Log.entryAdded":
                self.complaints.append(params["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])

    def run(self, script: str) -> Any:
        """The value of an expression, awaited where it is a promise. Raises PageLeft."""
        result = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def open(self, address: str) -> None:
        """Open a page and wait until it was loaded."""
        self.until("window.isLastPage = true")
        self.send("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && !window.isLastPage")

    def reload(self) -> None:
        """Load the page anew."""
        self.until("window.isLastPage = true")
        self.send("Page.reload")
        self.until("document.readyState === 'complete' && !window.isLastPage")

    def until(self, script: str) -> None:
        """Wait until an expression is true, of whatever page is shown by then."""

        def is_true() -> bool:
            with suppress(PageLeft):
                return bool(self.run(script))
            return False

        try:
            until(is_true)
        except AssertionError:
            raise AssertionError(f"never true: {script}; complaints: {self.complaints}; {self.run(_STATE)}") from None

    def counts(self) -> dict[str, int]:
        """What the browser counts of its own work, such as `LayoutCount`, since it was started or the page opened."""
        return {each["name"]: int(each["value"]) for each in self.send("Performance.getMetrics")["metrics"]}

    def press(self, key: str) -> None:
        """Press and release a key."""
        text: dict[str, Any] = {"text": key} if len(key) == 1 else {"windowsVirtualKeyCode": _CODES[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def look_like(self, *, width: int = 1400, height: int = 900, dark: bool = False, phone: bool = False) -> None:
        """Size of the window, colours that the user prefers, and whether it is a phone."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        value = "dark" if dark else "light"
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def screenshot(self, target: Path) -> None:
        """What can be seen, as PNG."""
        target.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    def print(self, target: Path) -> None:
        """The page as it is printed, as PDF."""
        target.write_bytes(base64.b64decode(self.send("Page.printToPDF", printBackground=True)["data"]))


@contextmanager
def browser(home: Path) -> Iterator[Browser]:
    """A Chromium with a home of its own."""
    assert CHROMIUM is not None
    process = subprocess.Popen(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--mute-audio", "--no-first-run",
            "--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0", f"--user-data-dir={home}",
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = until(lambda: _socket_of(home / "DevToolsActivePort"), "chromium did not start")
        with connect(address, max_size=None, open_timeout=PATIENCE) as connection:
            yield Browser(connection)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _socket_of(file: Path) -> str | None:
    """Where the first page of a browser is spoken to, once it has said so in this file and answers."""
    if not file.is_file() or not (lines := file.read_text().split()):
        return None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{lines[0]}/json", timeout=PATIENCE) as answer:
            pages = [each for each in json.load(answer) if each["type"] == "page"]
    except URLError:
        return None
    return str(pages[0]["webSocketDebuggerUrl"]) if pages else None
