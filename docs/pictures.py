"""Takes the README's pictures from the program itself: `python docs/pictures.py`. Needs chromium."""

from __future__ import annotations

import html
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from io import FileIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
STORYBOARD = str(Path(sys.executable).with_name("storyboard"))
COLOURS = {"1;31": "#ff7b72", "1;33": "#e3b341", "1;36": "#76c7d6", "1;32": "#7ee787", "34": "#79b8ff", "2": "#8b949e"}
PAGE = """<meta charset="utf-8"><style>
body {{ margin: 0; background: #0d1117; color: #e6edf3; }}
pre {{ margin: 0; padding: 22px 26px; font: 15px/1.45 "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }}
</style><pre>{}</pre>"""
MISTAKES = (
    ("use reveal(mei", "use reveel(mei"),
    ("  .mode std\n", "  .mode sdt\n"),
    ("{{ tracking(mei,", "{{ tracking(mai,"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "examples" / "lantern_night", folder, dirs_exist_ok=True)
        story = folder / "lantern_night.story"
        terminal(folder, ("build",), 0)
        screenshot(folder / "build" / "lantern_night" / "index.html", "contact-sheet.png", (1100, 880))
        planned = terminal(folder, ("plan", "lantern_night.story"), 0)
        text = story.read_text(encoding="utf-8")
        for right, wrong in MISTAKES:
            assert right in text
            text = text.replace(right, wrong, 1)
        story.write_text(text, encoding="utf-8")
        linted = terminal(folder, ("lint", "lantern_night.story"), 1)
        page = folder / "page.html"
        page.write_text(PAGE.format(f"{linted}\n{planned}"), encoding="utf-8")
        lines = (linted + planned).count("\n") + 2
        screenshot(page, "terminal.png", (900, 44 + 22 * lines))


def terminal(folder: Path, arguments: tuple[str, ...], expected: int) -> str:
    """What a terminal shows, as HTML."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"COLUMNS": "92", "STORYBOARD_STORE": str(folder / ".store"), "TERM": "xterm-256color"}
    process = subprocess.Popen([STORYBOARD, *arguments], cwd=folder, env=environment, stdout=theirs)
    os.close(theirs)
    seen = b""
    with FileIO(ours) as reader:
        try:
            while piece := reader.read(65536):
                seen += piece
        except OSError:
            pass
    assert process.wait() == expected
    prompt = f'<span style="color:#8b949e">$</span> <b>storyboard {" ".join(arguments)}</b>\n'
    return prompt + coloured(re.sub(r" \(\d+ ms\)", "", seen.decode().replace("\r\n", "\n")))


def coloured(text: str) -> str:
    """Escape sequences as spans."""
    parts = re.split(r"\x1b\[([\d;]+)m", text)
    spans = [html.escape(parts[0])]
    for code, piece in zip(parts[1::2], parts[2::2], strict=True):
        style = f"color:{COLOURS[code]}" if code in COLOURS else "font-weight:bold" if code == "1" else ""
        spans.append(f'<span style="{style}">{html.escape(piece)}</span>')
    return "".join(spans)


def screenshot(page: Path, name: str, size: tuple[int, int]) -> None:
    """A picture of a page, in few colours: small, and sharp."""
    target = IMAGES / name
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                "chromium",
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *quiet),
                *(f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}"),
                *(f"--screenshot={target}", page.as_uri()),
            ],
            check=True,
            capture_output=True,
        )
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(128, method=Image.Quantize.MAXCOVERAGE).save(target, optimize=True)


if __name__ == "__main__":
    main()
