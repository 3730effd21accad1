"""Files to download, served by the kernel: `files.py BYTES` prints an address; every path below it is a clip so large.

With `fetch URL NUMBER FOLDER` it is our side instead: it downloads and verifies so many, and prints the seconds.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECONDS = 3


def serve(size: int) -> None:
    """Until it is killed."""
    from storyboard.simulator.clips import SimulatedClips

    with tempfile.TemporaryFile() as file:
        file.write(SimulatedClips(size=size).clip(SECONDS, "16:9", "bench"))
        length = file.tell()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(length))
                self.send_header("Content-Type", "video/mp4")
                self.end_headers()
                self.wfile.flush()
                import os

                sent = 0
                while sent < length:
                    sent += os.sendfile(self.connection.fileno(), file.fileno(), sent, length - sent)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                return

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
            server.serve_forever()


async def fetch(url: str, number: int, folder: Path) -> float:
    """Seconds until all are here, each found to be a clip."""
    from storyboard.providers.kirin.gateway import Kirin
    from storyboard.run.effects import Whole
    from storyboard.run.http_client import HttpClient

    client = HttpClient(Kirin(url), "sk-bench")
    begun = time.perf_counter()
    got = await asyncio.gather(
        *(client.get(f"{url}/{n}.mp4", folder / f"{n}.part", SECONDS, None, lambda *told: None) for n in range(number))
    )
    taken = time.perf_counter() - begun
    await client.aclose()
    assert all(isinstance(each, Whole) for each in got), got
    return taken


def main() -> None:
    """One side or the other."""
    if sys.argv[1] == "fetch":
        print(asyncio.run(fetch(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))))
    else:
        serve(int(sys.argv[1]))


if __name__ == "__main__":
    main()
