/** The extension's settings, read when they are used, so that none is ever out of date. */

import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

export const section = "llmspell";

export type JavaScriptChoice = "auto" | "always" | "never";

/** The settings that decide which server is started; a change of one starts it anew. */
export const serverSettings = [`${section}.server.path`, `${section}.python`];

/** Path of the `llmspell` command, or undefined when the user named none. */
export function serverPath(folder?: vscode.WorkspaceFolder): string | undefined {
  return pathSetting("server.path", folder);
}

/** Path of the Python interpreter, or undefined when the user named none. */
export function python(folder?: vscode.WorkspaceFolder): string | undefined {
  return pathSetting("python", folder);
}

/** Which JavaScript documents are llmspell scripts. */
export function javaScriptChoice(resource: vscode.Uri): JavaScriptChoice {
  return vscode.workspace.getConfiguration(section, resource).get<JavaScriptChoice>("javascript.enabled", "auto");
}

/** Whether the debug adapter writes its messages to the log. */
export function traceDebugAdapter(): boolean {
  return vscode.workspace.getConfiguration(section).get<boolean>("trace.debugAdapter", false);
}

function pathSetting(name: string, folder?: vscode.WorkspaceFolder): string | undefined {
  const given = vscode.workspace.getConfiguration(section, folder).get<string>(name, "").trim();
  if (given === "") return undefined;
  const root = folder?.uri.fsPath ?? "";
  const replaced = given.replaceAll("${workspaceFolder}", root).replace(/^~(?=$|[\\/])/, os.homedir());
  return path.isAbsolute(replaced) ? replaced : path.join(root, replaced);
}
