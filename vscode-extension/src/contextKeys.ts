/** Keeps the context keys that package.json's `when` clauses ask for. */

import * as vscode from "vscode";

import { languages, type Scripts } from "./scripts";

/** Set the keys now and whenever what they tell may have changed. */
export function keepContextKeys(context: vscode.ExtensionContext, scripts: Scripts): void {
  const update = (): void => {
    const document = vscode.window.activeTextEditor?.document;
    const isScript = document !== undefined && languages.includes(document.languageId) && scripts.includes(document);
    setKey("scriptIsActive", isScript);
    setKey("noLaunchConfigurations", !hasLaunchConfigurations());
  };
  context.subscriptions.push(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.workspace.onDidOpenTextDocument(update),
    vscode.workspace.onDidChangeConfiguration(update),
    vscode.workspace.onDidSaveTextDocument(update),
  );
  update();
}

function hasLaunchConfigurations(): boolean {
  const places = [undefined, ...(vscode.workspace.workspaceFolders ?? [])];
  return places.some((place) => {
    const given = vscode.workspace.getConfiguration("launch", place).get<unknown[]>("configurations", []);
    return given.length > 0;
  });
}

function setKey(name: string, value: boolean): void {
  void vscode.commands.executeCommand("setContext", `llmspell.${name}`, value);
}
