// The client of `storyboard lsp`, and commands that run storyboard. Nothing here buys: a build is the free animatic.

import { execFile } from "node:child_process";
import * as path from "node:path";
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

import { Preview, sheetOf } from "./preview";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("storyboard");
  const preview = new Preview();
  const onStory = (name: string, run: (story: vscode.Uri) => Thenable<unknown>): void => {
    const command = vscode.commands.registerCommand(name, async () => {
      const editor = vscode.window.activeTextEditor;
      if (editor?.document.languageId === "story") {
        await editor.document.save();
        await run(editor.document.uri);
      }
    });
    context.subscriptions.push(command);
  };
  const build = async (story: vscode.Uri): Promise<boolean> =>
    (await show(output, ["build", "--provider", "animatic", story.fsPath], story, "Building the animatic")) === 0;

  onStory("storyboard.fix", (story) => show(output, ["lint", "--fix", story.fsPath], story, "Applying safe fixes"));
  onStory("storyboard.plan", async (story) => {
    await show(output, ["plan", story.fsPath], story, "Planning");
    output.show(true);
  });
  onStory("storyboard.animatic", async (story) => {
    if (await build(story)) {
      await preview.show(story, build);
    }
  });
  onStory("storyboard.preview", (story) => preview.show(story, build));
  onStory("storyboard.openPage", async (story) => {
    await vscode.env.openExternal(sheetOf(story));
  });
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("storyboard.lint", async () => {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      await show(output, ["lint"], folder, "Checking every story");
      output.show(true);
    }),
    vscode.commands.registerCommand("storyboard.restart", () => restart(output)),
    vscode.window.onDidChangeTextEditorSelection((event) => {
      preview.follow(event.textEditor.document.uri, event.selections[0].active.line);
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("storyboard.command")) {
        void restart(output);
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => restart(output)),
  );
  await restart(output);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function restart(output: vscode.OutputChannel): Promise<void> {
  await client?.stop();
  client = undefined;
  if (!vscode.workspace.isTrusted) {
    return;
  }
  const [command, ...words] = program();
  client = new LanguageClient(
    "storyboard",
    "storyboard",
    { command, args: [...words, "lsp", "--stdio"] },
    { documentSelector: [{ scheme: "file", language: "story" }], outputChannel: output },
  );
  try {
    await client.start();
  } catch {
    client = undefined;
    const settings = "Open settings";
    const chosen = await vscode.window.showErrorMessage(
      `storyboard could not be started as \`${program().join(" ")}\`. Install it with its extra \`lsp\`, or set storyboard.command.`,
      settings,
    );
    if (chosen === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "storyboard.command");
    }
  }
}

function program(): string[] {
  const words = vscode.workspace.getConfiguration("storyboard").get<string[]>("command") ?? [];
  return words.length > 0 ? words : ["storyboard"];
}

/** Run storyboard and show what it says; its exit code. */
function show(
  output: vscode.OutputChannel,
  words: string[],
  place: vscode.Uri | undefined,
  title: string,
): Thenable<number> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage("storyboard is not started in a folder that you do not trust.");
    return Promise.resolve(-1);
  }
  const [command, ...first] = program();
  const folder = place && (vscode.workspace.getWorkspaceFolder(place)?.uri.fsPath ?? path.dirname(place.fsPath));
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () => {
    return new Promise<number>((resolve) => {
      output.appendLine(`> storyboard ${words.join(" ")}`);
      const settings = { cwd: folder, maxBuffer: 64 << 20 };
      const child = execFile(command, [...first, ...words], settings, (error, out, complaints) => {
        output.append(out + complaints);
        const code = child.exitCode ?? -1;
        if (error && code !== 0) {
          output.show(true);
        }
        resolve(code);
      });
    });
  });
}
