// The contact sheet beside the text: it follows the cursor, and a click on a shot leads to its line.

import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";

import { framed } from "./sheet";

export class Preview {
  private panel: vscode.WebviewPanel | undefined;
  private story: vscode.Uri | undefined;
  private watcher: vscode.FileSystemWatcher | undefined;

  /** Show the contact sheet of a story; build the animatic first if there is none. */
  async show(story: vscode.Uri, build: (story: vscode.Uri) => Promise<boolean>): Promise<void> {
    this.story = story;
    if (!(await exists(sheetOf(story))) && !(await build(story))) {
      return;
    }
    this.panel ??= this.open();
    this.watch(story);
    await this.load();
    this.panel.reveal(vscode.ViewColumn.Beside, true);
  }

  /** Bring the shot that a line belongs to into sight. */
  follow(story: vscode.Uri, line: number): void {
    if (this.panel && story.toString() === this.story?.toString()) {
      void this.panel.webview.postMessage({ line: line + 1 });
    }
  }

  private open(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(
      "storyboard.preview",
      "Contact sheet",
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, retainContextWhenHidden: true },
    );
    panel.webview.onDidReceiveMessage((message: { line?: unknown }) => void this.jump(message.line));
    panel.onDidDispose(() => {
      this.panel = undefined;
      this.watcher?.dispose();
      this.watcher = undefined;
    });
    return panel;
  }

  private watch(story: vscode.Uri): void {
    this.watcher?.dispose();
    const sheet = sheetOf(story);
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(sheet, ".."), path.basename(sheet.fsPath));
    this.watcher = vscode.workspace.createFileSystemWatcher(pattern);
    this.watcher.onDidChange(() => void this.load());
    this.watcher.onDidCreate(() => void this.load());
  }

  private async load(): Promise<void> {
    if (!this.panel || !this.story) {
      return;
    }
    const sheet = sheetOf(this.story);
    const folder = vscode.Uri.joinPath(sheet, "..");
    const webview = this.panel.webview;
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    const page = new TextDecoder().decode(await vscode.workspace.fs.readFile(sheet));
    const base = webview.asWebviewUri(folder).toString();
    const file = path.basename(this.story.fsPath);
    webview.html = framed(page, base, webview.cspSource, randomBytes(16).toString("base64"), file);
    this.panel.title = `Contact sheet: ${file}`;
  }

  private async jump(line: unknown): Promise<void> {
    if (!this.story || typeof line !== "number") {
      return;
    }
    const document = await vscode.workspace.openTextDocument(this.story);
    const at = new vscode.Position(Math.min(Math.max(line - 1, 0), document.lineCount - 1), 0);
    await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.One,
      selection: new vscode.Range(at, at),
    });
  }
}

/** Where a build leaves the contact sheet of a story. */
export function sheetOf(story: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(story, "..", "build", path.basename(story.fsPath, ".story"), "index.html");
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
