"""Write a comment about what a build bought: bought.py BUILD_JSON, the document of `storyboard build --json`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any


def comment(document: dict[str, Any]) -> str:
    """What was paid, what is still open, and how every story's jobs ended."""
    lines = ["<!-- storyboard bought -->", f"### Paid ${document['paid']}", ""]
    if float(document["reserved"]):
        lines += [f"${document['reserved']} is reserved for jobs that have not ended; run this job again later.", ""]
    for story in document["stories"]:
        states = Counter(job["state"] for job in story["jobs"])
        path = story["path"].replace("`", "'")
        lines.append(f"- `{path}`: " + ", ".join(f"{number} {state}" for state, number in sorted(states.items())))
    return "\n".join((*lines, ""))


if __name__ == "__main__":
    sys.stdout.write(comment(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
