"""The extension for VS Code: what follows from the language is up to date, and every command is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from editors.generate import files
from storyboard import Run
from storyboard.lsp.snippets import SNIPPETS
from storyboard.syntax.keywords import FORMS
from tests.support.waiting import PATIENCE

VSCODE = Path(__file__).parents[2] / "editors" / "vscode"
MANIFEST = json.loads((VSCODE / "package.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_generated_editor_files_are_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == files()[path], "run python editors/generate.py"


def test_every_command_is_declared_and_registered() -> None:
    source = (VSCODE / "src" / "extension.ts").read_text(encoding="utf-8")
    registered = set(re.findall(r'(?:onStory|registerCommand)\("(storyboard\.\w+)"', source))
    assert registered == {each["command"] for each in MANIFEST["contributes"]["commands"]}


def test_every_file_that_the_manifest_names_is_packed() -> None:
    contributes = MANIFEST["contributes"]
    named = [contributes["languages"][0]["configuration"], *(each["path"] for each in contributes["grammars"])]
    named += [each["path"] for each in contributes["snippets"]]
    packed = (VSCODE / ".vscodeignore").read_text(encoding="utf-8")
    for name in named:
        path = Path(name)
        assert (VSCODE / path).is_file()
        assert f"!{path}" in packed or f"!{path.parent}/*" in packed


def test_comments_are_declared_as_every_supported_version_reads_them() -> None:
    configuration = json.loads((VSCODE / "language-configuration.json").read_text(encoding="utf-8"))
    assert configuration["comments"] == {"lineComment": "#"}, "VS Code 1.96 refuses a table here"


def test_no_command_of_the_extension_can_buy() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (VSCODE / "src").glob("*.ts"))
    assert not re.search(r"--yes|--max-cost|--rebuy|--retry|resolve\"|API_KEY", source)
    assert re.findall(r'\["build"[^\]]*\]', source) == ['["build", "--provider", "animatic", story.fsPath]']


@pytest.mark.parametrize("keyword", SNIPPETS)
def test_a_snippet_is_a_statement_of_the_language(keyword: str, tmp_path: Path) -> None:
    assert keyword in FORMS
    (tmp_path / "library.story").write_text("let lamp = a lamp\n")
    text = "\n".join(SNIPPETS[keyword][1]).replace("    $0", "    A river.").replace("$0", "")
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
    before = 'story "S"\n  .model kirin_v3_t2v\n\n'
    if keyword == "use":
        before += "template name(who)\n  shot near 5s\n    {{ who }}\n\n"
        text = text.replace("(who)", "(Mei)")
    story = text if keyword in ("story", "import") else before + text
    (tmp_path / "a.story").write_text(story + "\n")
    found = Run([str(tmp_path / "a.story")]).lint().diagnostics
    assert [each.message for each in found if each.severity == "error" and each.code < "SB1"] == []


needs_npm_packages = pytest.mark.skipif(
    shutil.which("node") is None or not (VSCODE / "node_modules").is_dir(), reason="needs `npm ci` in editors/vscode"
)


@needs_npm_packages
def test_the_extension_is_packed_without_a_network(tmp_path: Path) -> None:
    folder = tmp_path / "vscode"
    shutil.copytree(VSCODE, folder, symlinks=True)
    nowhere = {**os.environ, "npm_config_offline": "true", "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        ["npm", "run", "package"],
        cwd=folder,
        env=nowhere,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with ZipFile(folder / "storyboard.vsix") as packed:
        names = set(packed.namelist())
    assert {"extension/dist/extension.js", "extension/syntaxes/story.tmLanguage.json"} <= names
    assert not [name for name in names if "node_modules" in name]


@needs_npm_packages
def test_the_grammar_and_the_panel_pass_their_own_tests() -> None:
    done = subprocess.run(["npm", "test"], cwd=VSCODE, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_recipes_for_other_editors_start_the_language_server() -> None:
    page = (VSCODE.parents[1] / "docs" / "editors.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```", page.partition("## Other editors")[2], re.MULTILINE | re.DOTALL))
    helix = tomllib.loads(blocks["toml"])["language-server"]["storyboard"]
    assert [helix["command"], *helix["args"]] == ["storyboard", "lsp"]
    for name in ("lua", "elisp"):
        assert re.search(r'"storyboard",? "lsp"', blocks[name]), name
    for block in re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        assert json.loads(block)
