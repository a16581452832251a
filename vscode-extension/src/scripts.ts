/**
 * Which documents are llmspell scripts.
 *
 * Every Lua document on the disk is one. JavaScript belongs to many: with `auto` a JavaScript document is one
 * if an llmspell configuration file lies in its folder or above, and, where none does, if it stands in
 * no Node.js project and is new or names a global of the script API. What was once taken for a script
 * stays one until it is closed, so that typing never makes its diagnostics come and go.
 */

import { existsSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

import { javaScriptChoice } from "./settings";

/** The names of the script API's globals, put in when the extension is bundled. */
declare const SCRIPT_GLOBALS: readonly string[];

export const languages = ["lua", "javascript"];

const configurationFiles = ["llmspell.toml", "llmspell.yaml", "llmspell.json"];
const projectFiles = ["package.json", "jsconfig.json", "tsconfig.json", "deno.json"];
const namesGlobal = new RegExp(String.raw`\b(?:${SCRIPT_GLOBALS.join("|")})\b`);

export class Scripts {
  private readonly known = new Set<string>();

  /** Whether a document is a script; the answer may turn from no to yes while it is open. */
  includes(document: vscode.TextDocument): boolean {
    if (document.uri.scheme !== "file") return false;
    if (document.languageId === "lua") return true;
    if (document.languageId !== "javascript") return false;
    const choice = javaScriptChoice(document.uri);
    if (choice === "never" || isDependency(document.uri)) return false;
    const address = document.uri.toString();
    if (choice === "auto" && !this.known.has(address) && !looksLikeScript(document)) return false;
    this.known.add(address);
    return true;
  }

  forget(document: vscode.TextDocument): void {
    this.known.delete(document.uri.toString());
  }
}

function isDependency(uri: vscode.Uri): boolean {
  return uri.path.split("/").includes("node_modules");
}

function looksLikeScript(document: vscode.TextDocument): boolean {
  const owner = nearestOwner(document.uri);
  if (owner !== undefined) return configurationFiles.includes(owner);
  const text = document.getText();
  return text.trim() === "" || namesGlobal.test(text);
}

/** The file that says whose folder this is: the nearest one upward, not above the workspace folder. */
function nearestOwner(uri: vscode.Uri): string | undefined {
  const top = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  let folder = path.dirname(uri.fsPath);
  for (;;) {
    const here = folder;
    const found = [...configurationFiles, ...projectFiles].find((name) => existsSync(path.join(here, name)));
    if (found !== undefined) return found;
    const parent = path.dirname(folder);
    if (folder === top || parent === folder) return undefined;
    folder = parent;
  }
}
