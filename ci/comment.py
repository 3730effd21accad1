"""Keep one comment under a pull request: comment.py FILE.

The comment that begins with the same mark as FILE is replaced; where it says the same already, nothing is sent. A
comment that says that nothing changed is not begun. Links do not count: they name the run.

On GitHub it reads GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN and STORYBOARD_PULL_REQUEST (a number); on GitLab
CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID and GITLAB_TOKEN. Only the standard library is used.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MARK = re.compile(r"<!-- storyboard (\w+)(, nothing changed)? -->")
LINK = re.compile(r"\]\(<[^>]*>\)")
MOST_PAGES = 30


class Thread:
    """The comments of one pull request."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Raises KeyError where a variable is missing."""
        if "CI_API_V4_URL" in environment:
            project, number = environment["CI_PROJECT_ID"], environment["CI_MERGE_REQUEST_IID"]
            self.comments = f"{environment['CI_API_V4_URL']}/projects/{project}/merge_requests/{number}/notes"
            self.edited, self.verb = self.comments, "PUT"
            self.headers = {"PRIVATE-TOKEN": environment["GITLAB_TOKEN"]}
        else:
            repository, number = environment["GITHUB_REPOSITORY"], environment["STORYBOARD_PULL_REQUEST"]
            top = f"{environment.get('GITHUB_API_URL', 'https://api.github.com')}/repos/{repository}/issues"
            self.comments, self.edited, self.verb = f"{top}/{int(number)}/comments", f"{top}/comments", "PATCH"
            self.headers = {
                "Authorization": f"Bearer {environment['GITHUB_TOKEN']}",
                "Accept": "application/vnd.github+json",
            }

    def all(self) -> Iterator[dict[str, Any]]:
        """Every comment, the oldest first."""
        for page in range(1, MOST_PAGES + 1):
            found = self._send("GET", f"{self.comments}?per_page=100&page={page}&sort=asc&order_by=created_at")
            yield from found
            if len(found) < 100:
                return

    def add(self, body: str) -> None:
        """Add a comment."""
        self._send("POST", self.comments, {"body": body})

    def replace(self, comment: int, body: str) -> None:
        """Replace a comment."""
        self._send(self.verb, f"{self.edited}/{comment}", {"body": body})

    def _send(self, method: str, address: str, document: dict[str, str] | None = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        headers = {**self.headers, "Content-Type": "application/json", "User-Agent": "storyboard"}
        request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310  the forge's own address
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return json.load(reply)


def keep(thread: Thread, body: str) -> str:
    """Bring the comment up to date; what was done."""
    mark = MARK.match(body)
    if mark is None:
        raise ValueError("its first line is not a mark of storyboard")
    for comment in thread.all():
        before = MARK.match(comment["body"])
        if before is not None and before[1] == mark[1]:
            if _words(comment["body"]) == _words(body):
                return "the comment is up to date"
            thread.replace(comment["id"], body)
            return "the comment was replaced"
    if mark[2]:
        return "nothing changed: no comment"
    thread.add(body)
    return "the comment was added"


def _words(body: str) -> str:
    return LINK.sub("]()", body.replace("\r\n", "\n")).strip()


def main() -> int:
    """Keep the comment of the file that is named."""
    try:
        print(keep(Thread(os.environ), Path(sys.argv[1]).read_text(encoding="utf-8")))
    except KeyError as missing:
        print(f"error: {missing.args[0]} is not set, so there is no pull request to comment on", file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:  # HTTPError and URLError are OSErrors
        print(f"error: no comment could be left: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
