/** Debugging: completes configurations, starts `llmspell dap`, and reports an adapter that fails. */

import * as vscode from "vscode";

import { log, showError } from "./log";
import { reportMissingServer } from "./missingServer";
import { languages } from "./scripts";
import { findServer, isMissing } from "./serverLocation";
import * as settings from "./settings";

export const debugType = "llmspell";

/** The configuration that debugs a script with no launch.json; `program` may hold VS Code's variables. */
export function launchConfiguration(program: string, name = "Debug current script"): vscode.DebugConfiguration {
  return { type: debugType, request: "launch", name, program };
}

/** Register everything a debugger consists of. */
export function registerDebugger(context: vscode.ExtensionContext): void {
  const completing: vscode.DebugConfigurationProvider = { resolveDebugConfiguration, resolveDebugConfigurationWithSubstitutedVariables };
  const offering: vscode.DebugConfigurationProvider = {
    provideDebugConfigurations: () => [launchConfiguration("${file}")],
  };
  context.subscriptions.push(
    vscode.debug.registerDebugConfigurationProvider(debugType, completing),
    vscode.debug.registerDebugConfigurationProvider(debugType, offering),
    vscode.debug.registerDebugConfigurationProvider(
      debugType,
      offering,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
    vscode.debug.registerDebugAdapterDescriptorFactory(debugType, { createDebugAdapterDescriptor }),
    vscode.debug.registerDebugAdapterTrackerFactory(debugType, { createDebugAdapterTracker }),
  );
}

/** F5 with no launch.json arrives as an empty configuration; undefined ends the attempt. */
async function resolveDebugConfiguration(
  _folder: vscode.WorkspaceFolder | undefined,
  given: vscode.DebugConfiguration,
): Promise<vscode.DebugConfiguration | undefined> {
  const isEmpty = !given.type && !given.request && !given.name;
  if (!isEmpty) return given;
  const document = vscode.window.activeTextEditor?.document;
  if (document && languages.includes(document.languageId)) return { ...given, ...launchConfiguration("${file}") };
  await vscode.window.showErrorMessage("Open the Lua or JavaScript script to debug, then start again.");
  return undefined;
}

/** The last look before the adapter is started: nothing is started without a server. */
async function resolveDebugConfigurationWithSubstitutedVariables(
  folder: vscode.WorkspaceFolder | undefined,
  configuration: vscode.DebugConfiguration,
): Promise<vscode.DebugConfiguration | undefined> {
  if (configuration.debugServer !== undefined) return configuration;
  const found = await findServer(folder ?? vscode.workspace.workspaceFolders?.[0]);
  if (!isMissing(found)) return configuration;
  void reportMissingServer(found, () => vscode.debug.startDebugging(folder, configuration));
  return undefined;
}

async function createDebugAdapterDescriptor(session: vscode.DebugSession): Promise<vscode.DebugAdapterDescriptor> {
  const folder = session.workspaceFolder ?? vscode.workspace.workspaceFolders?.[0];
  const found = await findServer(folder);
  if (isMissing(found)) throw new Error(found.reason);
  log.info(`Starting the debug adapter '${found.command}' (found through ${found.origin}).`);
  return new vscode.DebugAdapterExecutable(
    found.command,
    [...found.args, "dap"],
    folder ? { cwd: folder.uri.fsPath } : undefined,
  );
}

/** What the tracker looks at in a message of the protocol. */
interface ProtocolMessage {
  readonly command?: string;
  readonly event?: string;
}

function createDebugAdapterTracker(): vscode.DebugAdapterTracker {
  const isTraced = settings.traceDebugAdapter();
  // From here on the adapter's end is what everybody expects, however it comes about.
  let isEnding = false;
  const see = (arrow: string, message: ProtocolMessage): void => {
    if (isTraced) log.info(`${arrow} ${JSON.stringify(message)}`);
    isEnding ||= message.command === "disconnect" || message.event === "terminated";
  };
  return {
    onWillReceiveMessage: (message: ProtocolMessage) => { see("to the debug adapter:", message); },
    onDidSendMessage: (message: ProtocolMessage) => { see("from the debug adapter:", message); },
    onError: (error) => {
      if (!isEnding) void showError(`The connection to the debug adapter failed: ${error.message}`);
    },
    onExit: (code) => {
      if (!isEnding) void showError(`The debug adapter ended unexpectedly with exit code ${code ?? "unknown"}.`);
    },
  };
}
