"""azurite: the vendor's own server for blobs of Azure, a second opinion beside moto. It is a package of npm, which
`.ci/run` installs; `azurite-blob` on the path serves as well."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.support.postgres import free_port
from tests.support.waiting import PATIENCE, until

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The account that every azurite has, as its documentation states."""
VERSION = "2021-12-02"
INSTALLED = Path(__file__).parents[2] / ".ci/azurite/node_modules/.bin"


def program() -> str:
    """Where azurite is; skips the test where it is nowhere."""
    found = shutil.which("azurite-blob", path=str(INSTALLED)) or shutil.which("azurite-blob")
    if found is None:
        pytest.skip("not run: there is no azurite here (npm install --prefix .ci/azurite azurite)")
    return found


@contextmanager
def azurite_server() -> Iterator[int]:
    """A running server that keeps everything in memory; its port."""
    port = free_port()
    process = subprocess.Popen(
        [
            program(),
            "--inMemoryPersistence",
            "--blobPort",
            str(port),
            "--silent",
            "--skipApiVersionCheck",
            "--disableTelemetry",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:

        def answers() -> bool:
            assert process.poll() is None, "azurite has ended"
            with suppress(OSError):
                _create_container(port, "probe")
                return True
            return False

        until(answers, "azurite does not answer")
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def azure_container(port: int, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A new container, which this process uses; its address."""
    _create_container(port, name)
    monkeypatch.setenv("AZURE_STORAGE_USE_EMULATOR", "true")
    monkeypatch.setenv("AZURITE_BLOB_STORAGE_URL", f"http://127.0.0.1:{port}")
    yield f"az://{name}/team"


def _create_container(port: int, name: str) -> None:
    """One request, signed as Azure's documentation says: no client of ours can create one."""
    date, path = formatdate(usegmt=True), f"/{ACCOUNT}/{name}"
    headers = {"x-ms-date": date, "x-ms-version": VERSION}
    lines = [*(f"{key}:{value}" for key, value in sorted(headers.items())), f"/{ACCOUNT}{path}", "restype:container"]
    signed = "PUT\n" + "\n" * 11 + "\n".join(lines)
    signature = hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}?restype=container",
        method="PUT",
        headers={**headers, "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(signature).decode()}"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE):
        pass
