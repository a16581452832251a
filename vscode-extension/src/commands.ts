/** The commands of the palette and of the editor's title bar. */

import * as vscode from "vscode";

import type { ScriptClient } from "./client";
import { launchConfiguration } from "./debug";
import { log } from "./log";
import { reportMissingServer, showHowToInstall } from "./missingServer";
import { languages } from "./scripts";
import { scriptTask } from "./tasks";

/** Register every command that package.json contributes. */
export function registerCommands(context: vscode.ExtensionContext, client: ScriptClient): void {
  const commands: Record<string, () => unknown> = {
    "llmspell.runCurrentScript": runCurrentScript,
    "llmspell.debugCurrentScript": debugCurrentScript,
    "llmspell.restartServer": () => client.restart(),
    "llmspell.showLog": () => { log.show(); },
    "llmspell.howToInstall": () => showHowToInstall(context),
  };
  for (const [name, action] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, action));
  }
}

async function runCurrentScript(): Promise<void> {
  const script = await savedScript();
  if (!script) return;
  const task = await scriptTask(script.fsPath, vscode.workspace.getWorkspaceFolder(script));
  if ("reason" in task) await reportMissingServer(task, runCurrentScript);
  else await vscode.tasks.executeTask(task);
}

async function debugCurrentScript(): Promise<void> {
  const script = await savedScript();
  if (!script) return;
  const folder = vscode.workspace.getWorkspaceFolder(script);
  const name = `Debug ${vscode.workspace.asRelativePath(script)}`;
  await vscode.debug.startDebugging(folder, launchConfiguration(script.fsPath, name));
}

/** The script in the active editor as it lies on the disk, saved first; tells the user if there is none. */
async function savedScript(): Promise<vscode.Uri | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document || !languages.includes(document.languageId)) {
    void vscode.window.showErrorMessage("Open a Lua or JavaScript script first.");
    return undefined;
  }
  if (document.isDirty || document.isUntitled) await document.save();
  const saved = vscode.window.activeTextEditor?.document;
  if (saved?.uri.scheme === "file") return saved.uri;
  void vscode.window.showErrorMessage("Save the script in a file first: it is run from the disk.");
  return undefined;
}
