"""One comment under a pull request, by the requests that GitHub and GitLab see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.waiting import PATIENCE

CI = Path(__file__).parents[2] / "ci"
PLAN = "<!-- storyboard plan -->\n### To buy: 1 job\n\n[plan](<https://ci.example/1>)\n"
FORGES = ["github", "gitlab"]


class Comments:
    """The comments of pull request 7, and every request that changed one."""

    def __init__(self) -> None:
        self.bodies = [f"A remark {number}" for number in range(120)]
        self.changes: list[tuple[str, str]] = []
        self.secrets: set[str | None] = set()


@contextmanager
def forge_server(forge: str, comments: Comments) -> Iterator[dict[str, str]]:
    """The part of a forge's API that is about comments; the environment that leads there."""
    top = "/repos/ada/film/issues" if forge == "github" else "/projects/5/merge_requests/7/notes"
    listed, edited = (f"{top}/7/comments", f"{top}/comments/") if forge == "github" else (top, f"{top}/")
    verb = "PATCH" if forge == "github" else "PUT"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            assert path == listed
            page = int(dict(pair.split("=") for pair in query.split("&"))["page"])
            numbered = list(enumerate(comments.bodies))[100 * (page - 1) : 100 * page]
            self.reply([{"id": number, "body": body} for number, body in numbered])

        def do_POST(self) -> None:
            assert self.path == listed
            comments.bodies.append(self.body())
            comments.changes.append(("POST", comments.bodies[-1]))
            self.reply({})

        def change(self) -> None:
            assert self.command == verb and self.path.startswith(edited)
            comments.bodies[int(self.path.removeprefix(edited))] = body = self.body()
            comments.changes.append((verb, body))
            self.reply({})

        def do_PATCH(self) -> None:
            self.change()

        def do_PUT(self) -> None:
            self.change()

        def body(self) -> str:
            text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
            assert isinstance(text, str)
            return text

        def reply(self, document: Any) -> None:
            comments.secrets.add(self.headers["Authorization"] or self.headers["PRIVATE-TOKEN"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield (
            {
                "GITHUB_API_URL": url,
                "GITHUB_REPOSITORY": "ada/film",
                "GITHUB_TOKEN": "t",
                "STORYBOARD_PULL_REQUEST": "7",
            }
            if forge == "github"
            else {"CI_API_V4_URL": url, "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "7", "GITLAB_TOKEN": "t"}
        )
        server.shutdown()
        thread.join()


def run(tmp_path: Path, environment: dict[str, str], body: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "comment.md"
    file.write_text(body)
    env = {"PATH": os.environ["PATH"], "no_proxy": "127.0.0.1", **environment}
    command = [sys.executable, str(CI / "comment.py"), str(file)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE)


@pytest.mark.parametrize("forge", FORGES)
def test_comment_is_added_then_replaced_and_left_alone_while_nothing_changes(tmp_path: Path, forge: str) -> None:
    comments = Comments()
    with forge_server(forge, comments) as environment:
        assert run(tmp_path, environment, PLAN).returncode == 0
        assert comments.changes == [("POST", PLAN)]
        assert run(tmp_path, environment, PLAN.replace("ci.example/1", "ci.example/2")).returncode == 0
        assert len(comments.changes) == 1, "another link is no news"
        other = PLAN.replace("1 job", "2 jobs")
        assert run(tmp_path, environment, other).returncode == 0
        assert comments.changes[1:] == [("PATCH" if forge == "github" else "PUT", other)]
        bought = "<!-- storyboard bought -->\n### Paid $0.84\n"
        assert run(tmp_path, environment, bought).returncode == 0
        assert comments.bodies[120:] == [other, bought]
        assert comments.secrets == {"Bearer t" if forge == "github" else "t"}


def test_a_pull_request_that_changes_nothing_gets_no_comment_but_an_old_one_is_brought_up_to_date(
    tmp_path: Path,
) -> None:
    comments, nothing = Comments(), "<!-- storyboard plan, nothing changed -->\n### Nothing to buy\n"
    with forge_server("github", comments) as environment:
        assert run(tmp_path, environment, nothing).returncode == 0
        assert comments.changes == []
        assert run(tmp_path, environment, PLAN).returncode == 0
        assert run(tmp_path, environment, nothing).returncode == 0
        assert [verb for verb, _ in comments.changes] == ["POST", "PATCH"]


def test_missing_tool_is_reported_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, {"GITHUB_REPOSITORY": "ada/film"}, PLAN)
    assert done.returncode == 1
    assert done.stderr == "error: STORYBOARD_PULL_REQUEST is not set, so there is no pull request to comment on\n"
    refused = run(
        tmp_path,
        {
            "GITHUB_API_URL": "http://127.0.0.1:9",
            "GITHUB_REPOSITORY": "a/b",
            "GITHUB_TOKEN": "t",
            "STORYBOARD_PULL_REQUEST": "7",
        },
        PLAN,
    )
    assert refused.returncode == 1 and refused.stderr.startswith("error: no comment could be left: ")
