/** Shows in the language status of a script whether the language server is running. */

import * as vscode from "vscode";

import type { ScriptClient, ServerState } from "./client";
import { languages } from "./scripts";

const words: Record<ServerState, string> = {
  starting: "llmspell is starting",
  running: "llmspell is running",
  stopped: "llmspell is stopped",
  missing: "llmspell is not installed",
};

/** Register the status, with a button that starts the server anew. */
export function registerStatus(context: vscode.ExtensionContext, client: ScriptClient): void {
  const status = vscode.languages.createLanguageStatusItem(
    "llmspell.server",
    languages.map((language) => ({ scheme: "file", language })),
  );
  status.name = "llmspell language server";
  status.command = { command: "llmspell.restartServer", title: "Restart" };
  const show = (state: ServerState): void => {
    status.text = words[state];
    status.busy = state === "starting";
    status.severity =
      state === "running" || state === "starting"
        ? vscode.LanguageStatusSeverity.Information
        : vscode.LanguageStatusSeverity.Error;
  };
  show("starting");
  context.subscriptions.push(status, client.onDidChangeState(show));
}
