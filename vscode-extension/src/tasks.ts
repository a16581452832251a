/** Tasks that run a script in a terminal, from tasks.json or by a command. */

import * as vscode from "vscode";

import { findServer, isMissing, type Missing } from "./serverLocation";

const taskType = "llmspell";

interface ScriptTask extends vscode.TaskDefinition {
  readonly script: string;
  readonly args?: readonly string[];
}

/** The task that runs a script in a terminal, or what is missing for it. */
export async function scriptTask(script: string, folder?: vscode.WorkspaceFolder): Promise<vscode.Task | Missing> {
  return taskFor({ type: taskType, script }, folder);
}

/** Let tasks.json name scripts: `{"type": "llmspell", "script": "main.lua", "args": ["1.0"]}`. */
export function registerTasks(context: vscode.ExtensionContext): void {
  const provider: vscode.TaskProvider = { provideTasks: () => [], resolveTask };
  context.subscriptions.push(vscode.tasks.registerTaskProvider(taskType, provider));
}

async function resolveTask(task: vscode.Task): Promise<vscode.Task | undefined> {
  const folder = typeof task.scope === "object" ? task.scope : undefined;
  const definition = task.definition as ScriptTask;
  const resolved = await taskFor(definition, folder);
  if ("reason" in resolved) throw new Error(resolved.reason);
  // VS Code takes the resolved task only with the definition object that it asked for.
  resolved.definition = task.definition;
  return resolved;
}

async function taskFor(definition: ScriptTask, folder?: vscode.WorkspaceFolder): Promise<vscode.Task | Missing> {
  const found = await findServer(folder ?? vscode.workspace.workspaceFolders?.[0]);
  if (isMissing(found)) return found;
  const words = [...found.args, "run", definition.script];
  const scriptArguments = definition.args?.length ? ["--", ...definition.args] : [];
  const execution = new vscode.ProcessExecution(
    found.command,
    [...words, ...scriptArguments],
    folder ? { cwd: folder.uri.fsPath } : undefined,
  );
  const name = `run ${vscode.workspace.asRelativePath(definition.script)}`;
  return new vscode.Task(definition, folder ?? vscode.TaskScope.Workspace, name, taskType, execution);
}
