/**
 * Finds the `llmspell` command: what the settings name, the selected Python interpreter, the
 * workspace's virtual environment, the PATH, in this order. What the settings name is never passed
 * over: if it does not work, that is the answer.
 */

import { access, constants } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";

import { log, reasonOf } from "./log";
import * as settings from "./settings";

/** How to start the servers: `command` with `args`, followed by `lsp`, `dap` or `run`. */
export interface Server {
  readonly command: string;
  readonly args: readonly string[];
  /** Where it was found, in words. */
  readonly origin: string;
}

/** Why there is none, as a sentence for the user. */
export interface Missing {
  readonly reason: string;
}

const environmentFolders = [".venv", "venv"];
const onWindows = process.platform === "win32";
const binaries = onWindows ? "Scripts" : "bin";
const commandName = onWindows ? "llmspell.exe" : "llmspell";

/** Find the server for a workspace folder, or say why there is none. */
export async function findServer(folder?: vscode.WorkspaceFolder): Promise<Server | Missing> {
  const named = await namedBySettings(folder);
  if (named) return named;
  for (const [command, origin] of await candidates(folder)) {
    if (await isExecutable(command)) return { command, args: [], origin };
  }
  return {
    reason:
      "The llmspell command was not found in the workspace's virtual environment (.venv, venv) nor on the PATH. " +
      "Without it scripts are neither checked, completed, run nor debugged.",
  };
}

export function isMissing(found: Server | Missing): found is Missing {
  return "reason" in found;
}

async function namedBySettings(folder?: vscode.WorkspaceFolder): Promise<Server | Missing | undefined> {
  const command = settings.serverPath(folder);
  if (command !== undefined) {
    if (await isExecutable(command)) return { command, args: [], origin: "the setting llmspell.server.path" };
    return { reason: `The setting llmspell.server.path names '${command}', which is not an executable file.` };
  }
  const interpreter = settings.python(folder);
  if (interpreter !== undefined) {
    const args = ["-m", "llmspell_cli"];
    if (await isExecutable(interpreter)) return { command: interpreter, args, origin: "the setting llmspell.python" };
    return { reason: `The setting llmspell.python names '${interpreter}', which is not an executable file.` };
  }
  return undefined;
}

/** Commands worth trying, with the words that tell where each stands. */
async function candidates(folder?: vscode.WorkspaceFolder): Promise<[command: string, origin: string][]> {
  const found: [string, string][] = [];
  const selected = await selectedInterpreter(folder);
  if (selected !== undefined) {
    found.push([path.join(path.dirname(selected), commandName), "the selected Python interpreter"]);
  }
  const folders = folder ? [folder] : (vscode.workspace.workspaceFolders ?? []);
  for (const { uri } of folders) {
    for (const name of environmentFolders) {
      found.push([path.join(uri.fsPath, name, binaries, commandName), `the workspace's ${name}`]);
    }
  }
  for (const entry of (process.env.PATH ?? "").split(path.delimiter).filter(Boolean)) {
    found.push([path.join(entry, commandName), "the PATH"]);
  }
  return found;
}

/** The part of the Python extension's interface that is used here. */
interface PythonExtension {
  readonly environments?: { getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string } };
}

/** The interpreter chosen in the Python extension, where that is installed. */
async function selectedInterpreter(folder?: vscode.WorkspaceFolder): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (!extension) return undefined;
  try {
    const selected = (await extension.activate()).environments?.getActiveEnvironmentPath(folder?.uri).path;
    return selected !== undefined && path.isAbsolute(selected) ? selected : undefined;
  } catch (error) {
    log.warn(`The Python extension did not tell its interpreter: ${reasonOf(error)}`);
    return undefined;
  }
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, onWindows ? constants.F_OK : constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
