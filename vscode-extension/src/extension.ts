/** The extension's start and end: everything it does stands in the modules beside this one. */

import type * as vscode from "vscode";
import { workspace } from "vscode";

import { ScriptClient } from "./client";
import { registerCommands } from "./commands";
import { keepContextKeys } from "./contextKeys";
import { registerDebugger } from "./debug";
import { log } from "./log";
import { Scripts } from "./scripts";
import { serverSettings } from "./settings";
import { registerStatus } from "./status";
import { registerTasks } from "./tasks";

let client: ScriptClient | undefined;

/** Called by VS Code once, when a script is opened or a debug session is about to start. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const { version } = context.extension.packageJSON as { version: string };
  const scripts = new Scripts();
  const started = new ScriptClient(scripts, version);
  client = started;
  registerCommands(context, started);
  registerDebugger(context);
  registerTasks(context);
  registerStatus(context, started);
  keepContextKeys(context, scripts);
  context.subscriptions.push(
    log,
    started,
    workspace.onDidChangeTextDocument((change) => started.reconsider(change.document)),
    workspace.onDidCloseTextDocument((document) => { scripts.forget(document); }),
    workspace.onDidChangeConfiguration(async (change) => {
      if (serverSettings.some((name) => change.affectsConfiguration(name))) await started.restart();
    }),
  );
  await started.restart();
}

/** Called by VS Code when the window closes or the extension is switched off; waits for the server's end. */
export async function deactivate(): Promise<void> {
  await client?.stop();
}
