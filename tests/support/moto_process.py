"""moto's S3 in a process of its own, one request after the other, so that its conditional writes are atomic."""

from __future__ import annotations

import logging
import sys

from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import make_server


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request is written for nobody
    server = make_server("127.0.0.1", 0, create_backend_app("s3"), threaded=False)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
