/** Tells the user that there is no server and what to do, and how a server is installed. */

import * as vscode from "vscode";

import { log } from "./log";
import * as settings from "./settings";
import type { Missing } from "./serverLocation";

let isShown = false;

/** Say what is missing, with ways out; `retry` is called when the user has dealt with it. */
export async function reportMissingServer(missing: Missing, retry: () => unknown): Promise<void> {
  log.error(missing.reason);
  if (isShown) return;
  isShown = true;
  const choices: Record<string, () => unknown> = {
    "How to Install": () => vscode.commands.executeCommand("llmspell.howToInstall"),
    "Open Settings": () => vscode.commands.executeCommand("workbench.action.openSettings", `${settings.section}.server.path`),
    Retry: retry,
  };
  const chosen = await vscode.window.showErrorMessage(missing.reason, ...Object.keys(choices));
  isShown = false;
  if (chosen !== undefined) await choices[chosen]?.();
}

/** Open the instructions that come with the extension. */
export async function showHowToInstall(context: vscode.ExtensionContext): Promise<void> {
  await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.joinPath(context.extensionUri, "INSTALL.md"));
}
