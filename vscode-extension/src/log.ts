/** The extension's one log: an output channel with levels, kept in a file by VS Code as well. */

import * as vscode from "vscode";

export const log = vscode.window.createOutputChannel("llmspell", { log: true });

/** What a caught value says, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Show an error with a button that opens the log, and do what the other chosen button stands for. */
export async function showError(message: string, actions: Record<string, () => unknown> = {}): Promise<void> {
  log.error(message);
  const choices: Record<string, () => unknown> = { ...actions, "Show Log": () => { log.show(); } };
  const chosen = await vscode.window.showErrorMessage(message, ...Object.keys(choices));
  if (chosen !== undefined) await choices[chosen]?.();
}
