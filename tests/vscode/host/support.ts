/** What the checks have in common: scripts with a marked place, waiting with a limit, the command line. */

import * as assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

export type ScriptLanguage = "lua" | "javascript";

export const extensionId = "llmspell.llmspell";
const endings = { lua: "lua", javascript: "js" };
const waitSeconds = 20;
let scratchFiles = 0;

/** The one of two texts that is written in a language. */
export function either(language: ScriptLanguage, lua: string, javascript: string): string {
  return language === "lua" ? lua : javascript;
}

export function workspaceFolder(): vscode.WorkspaceFolder {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, "no workspace folder is open");
  return folder;
}

/** A file of the workspace, `name` without its ending. */
export function scriptUri(name: string, language: ScriptLanguage): vscode.Uri {
  return vscode.Uri.joinPath(workspaceFolder().uri, `${name}.${endings[language]}`);
}

export async function activated(): Promise<vscode.Extension<unknown>> {
  const extension = vscode.extensions.getExtension(extensionId);
  assert.ok(extension, `the extension ${extensionId} is not there`);
  await extension.activate();
  return extension;
}

/** Open a new script whose text has `$0` at the place in question. */
export async function scriptAt(
  language: ScriptLanguage,
  marked: string,
): Promise<{ document: vscode.TextDocument; position: vscode.Position }> {
  const offset = marked.indexOf("$0");
  assert.ok(offset >= 0, "the text has no $0");
  scratchFiles += 1;
  const uri = scriptUri(`scratch${scratchFiles}`, language);
  writeFileSync(uri.fsPath, marked.replace("$0", ""));
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return { document, position: document.positionAt(offset) };
}

/** Wait until `probe` gives something, looking now and after every `event`; fail with `what` after a time. */
export function until<T>(what: string, event: vscode.Event<unknown>, probe: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      listener.dispose();
      settle();
    };
    const look = (): void => {
      const found = probe();
      if (found !== undefined) finish(() => { resolve(found); });
    };
    const listener = event(look);
    const timer = setTimeout(() => {
      finish(() => { reject(new Error(`within ${waitSeconds} s not seen: ${what}`)); });
    }, waitSeconds * 1000);
    look();
  });
}

/** Fail when a promise takes longer than everything here may take. */
export function inTime<T>(what: string, promise: Thenable<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(`within ${waitSeconds} s not done: ${what}`)); }, waitSeconds * 1000);
    promise.then(
      (value) => { clearTimeout(timer); resolve(value); },
      (error: unknown) => { clearTimeout(timer); reject(error instanceof Error ? error : new Error(String(error))); },
    );
  });
}

/** Diagnostics of this extension, in order of place; other extensions look at JavaScript too. */
export function ownDiagnostics(uri: vscode.Uri): vscode.Diagnostic[] {
  const own = vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === "llmspell");
  return own.sort((one, other) => one.range.start.compareTo(other.range.start));
}

/** What the command line prints; its exit code does not matter. */
export function commandOutput(...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = process.env["LLMSPELL_TEST_COMMAND"] ?? "llmspell";
    execFile(command, words, { timeout: 30_000, cwd: workspaceFolder().uri.fsPath }, (error, stdout, stderr) => {
      if (stdout === "" && error) reject(new Error(`llmspell ${words.join(" ")}: ${stderr}`));
      else resolve(stdout);
    });
  });
}

export function fileName(uri: vscode.Uri): string {
  return path.basename(uri.fsPath);
}
