/** The editor's diagnostics are the linter's findings, to the letter. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";

import { activated, commandOutput, fileName, ownDiagnostics, scriptAt, type ScriptLanguage, scriptUri, until } from "./support";

interface Finding {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  code: string;
  severity: string;
  message: string;
}

const severities = ["error", "warning", "info", "hint"];

export function defineDiagnosticChecks(language: ScriptLanguage): void {
  describe(`${language} diagnostics`, () => {
    before(activated);

    it("of a broken script are those of `llmspell lint`", async () => {
      const uri = scriptUri("broken", language);
      const printed = await commandOutput("lint", "--format", "json", fileName(uri));
      const expected = (JSON.parse(printed) as { diagnostics: Finding[] }).diagnostics.map(essence);
      assert.ok(expected.length >= 3, "the linter finds too little");
      await vscode.window.showTextDocument(uri);
      const shown = await diagnosticsOf(uri);
      assert.deepEqual(shown.map(shownEssence), expected);
    });

    it("go away when the fault does, while one types", async () => {
      const { document } = await scriptAt(language, "Tool.list(undefinedName)$0");
      await diagnosticsOf(document.uri);
      const edit = new vscode.WorkspaceEdit();
      const all = new vscode.Range(0, 0, document.lineCount, 0);
      edit.replace(document.uri, all, language === "lua" ? "print('fine')" : "console.log('fine')");
      await vscode.workspace.applyEdit(edit);
      await until("no diagnostics", vscode.languages.onDidChangeDiagnostics, () =>
        ownDiagnostics(document.uri).length === 0 ? true : undefined,
      );
      await document.save();
    });

    it("follow the setting llmspell.lint.enabled", async () => {
      const uri = scriptUri("broken", language);
      await vscode.window.showTextDocument(uri);
      await diagnosticsOf(uri);
      const settings = vscode.workspace.getConfiguration("llmspell");
      await settings.update("lint.enabled", false, vscode.ConfigurationTarget.Workspace);
      await until("no diagnostics", vscode.languages.onDidChangeDiagnostics, () =>
        ownDiagnostics(uri).length === 0 ? true : undefined,
      );
      await settings.update("lint.enabled", undefined, vscode.ConfigurationTarget.Workspace);
      await diagnosticsOf(uri);
    });
  });
}

function diagnosticsOf(uri: vscode.Uri): Promise<vscode.Diagnostic[]> {
  return until(`diagnostics of ${fileName(uri)}`, vscode.languages.onDidChangeDiagnostics, () => {
    const shown = ownDiagnostics(uri);
    return shown.length > 0 ? shown : undefined;
  });
}

/** One line a finding: place from 1, code, severity and message. The scripts used are plain ASCII. */
function essence(finding: Finding): string {
  const { line, column, endLine, endColumn, code, severity, message } = finding;
  return `${line}:${column}-${endLine}:${endColumn} ${code} ${severity} ${message}`;
}

function shownEssence(shown: vscode.Diagnostic): string {
  const { start, end } = shown.range;
  const code = typeof shown.code === "object" ? shown.code.value : shown.code;
  return essence({
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
    code: String(code),
    severity: severities[shown.severity] ?? "",
    message: shown.message,
  });
}
