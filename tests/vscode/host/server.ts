/** The server: found, missing, started anew. */

import * as assert from "node:assert/strict";
import * as path from "node:path";
import * as vscode from "vscode";

import { activated, ownDiagnostics, scriptAt, scriptUri, until } from "./support";

export function defineServerChecks(): void {
  describe("server", () => {
    before(activated);

    it("is started anew by the command", async () => {
      const uri = scriptUri("broken", "lua");
      await vscode.window.showTextDocument(uri);
      await until("diagnostics", vscode.languages.onDidChangeDiagnostics, () => ownDiagnostics(uri)[0]);
      await vscode.commands.executeCommand("llmspell.restartServer");
      await until("diagnostics again", vscode.languages.onDidChangeDiagnostics, () => ownDiagnostics(uri)[0]);
    });

    it("that a setting names in vain ends the diagnostics, and they come back with the setting", async () => {
      const uri = scriptUri("broken", "lua");
      await vscode.window.showTextDocument(uri);
      await until("diagnostics", vscode.languages.onDidChangeDiagnostics, () => ownDiagnostics(uri)[0]);
      const settings = vscode.workspace.getConfiguration("llmspell");
      await settings.update("server.path", path.join(path.sep, "nowhere", "llmspell"), vscode.ConfigurationTarget.Workspace);
      await until("no diagnostics", vscode.languages.onDidChangeDiagnostics, () =>
        ownDiagnostics(uri).length === 0 ? true : undefined,
      );
      await settings.update("server.path", undefined, vscode.ConfigurationTarget.Workspace);
      await until("diagnostics again", vscode.languages.onDidChangeDiagnostics, () => ownDiagnostics(uri)[0]);
    });

    it("leaves JavaScript of a Node.js project alone, and takes what names a global elsewhere", async () => {
      const foreign = scriptUri("node-project/index", "javascript");
      await vscode.window.showTextDocument(foreign);
      const { document } = await scriptAt("javascript", "Agent.nothing();$0");
      await until("diagnostics of the script", vscode.languages.onDidChangeDiagnostics, () => ownDiagnostics(document.uri)[0]);
      assert.deepEqual(ownDiagnostics(foreign), []);
    });

    it("sees a JavaScript file from the moment it becomes a script", async () => {
      const { document } = await scriptAt("javascript", "const one = 1;\nexport { one };\n$0");
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(2, 0), "Agent.nothing();\n");
      await vscode.workspace.applyEdit(edit);
      const shown = await until("diagnostics", vscode.languages.onDidChangeDiagnostics, () => ownDiagnostics(document.uri)[0]);
      assert.equal(shown.range.start.line, 2);
      await document.save();
    });
  });
}
