/** Completion, hover, signatures, definitions and symbols, as VS Code gets them from its providers. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";

import { activated, either, inTime, scriptAt, type ScriptLanguage, scriptUri } from "./support";

export function defineLanguageChecks(language: ScriptLanguage): void {
  const offers = async (marked: string, ...expected: string[]): Promise<void> => {
    const labels = await completions(language, marked);
    const missing = expected.filter((label) => !labels.includes(label));
    assert.deepEqual(missing, [], `offered instead: ${labels.slice(0, 30).join(", ")}`);
  };

  describe(`${language} completion`, () => {
    before(activated);

    // A JavaScript file that exists already counts as a script only if it names a global.
    it("offers the globals", () => offers(either(language, "Ag$0", "Tool.list();\nAg$0"), "Agent"));
    it("offers the members of a global", () => offers("Tool.$0", "execute", "get", "list"));
    it("offers members in the language's spelling", () => offers("State.$0", either(language, "list_keys", "listKeys")));
    it("offers option keys", () =>
      offers(either(language, "Agent.create({ na$0 })", "Agent.create({ na$0 });"), "name"));
    it("offers tool names inside the string", () => offers('Tool.execute("calc$0")', "calculator"));
  });

  describe(`${language} knowledge`, () => {
    before(activated);

    it("shows a member's documentation on hover", async () => {
      const { document, position } = await scriptAt(language, "Tool.exec$0ute(\"calculator\", {})");
      const hovers = await provided<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, position);
      const text = hovers.flatMap((hover) => hover.contents.map(asText)).join("\n");
      assert.match(text, /Tool\.execute/);
    });

    it("shows the signature of the call one is in", async () => {
      const { document, position } = await scriptAt(language, 'Tool.execute("calculator", $0)');
      const help = await provided<vscode.SignatureHelp>("vscode.executeSignatureHelpProvider", document.uri, position);
      assert.match(help.signatures[0]?.label ?? "", /execute/);
      assert.equal(help.activeParameter, 1);
    });

    it("goes to the definition of a function", async () => {
      const uri = scriptUri("main", language);
      const document = await vscode.workspace.openTextDocument(uri);
      const call = document.positionAt(document.getText().indexOf("area(item") + 1);
      const places = await provided<(vscode.Location | vscode.LocationLink)[]>("vscode.executeDefinitionProvider", uri, call);
      const lines = places.map((place) => ("targetUri" in place ? place.targetRange : place.range).start.line);
      assert.ok(lines.includes(0), `found on lines ${lines.join(", ")}`);
    });

    it("lists the functions of a script as symbols", async () => {
      const uri = scriptUri("main", language);
      await vscode.workspace.openTextDocument(uri);
      const symbols = await provided<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", uri);
      const names = symbols.map((symbol) => symbol.name);
      assert.ok(names.includes("area") && names.includes("describe"), `the symbols are ${names.join(", ")}`);
    });
  });
}

async function completions(language: ScriptLanguage, marked: string): Promise<string[]> {
  const { document, position } = await scriptAt(language, marked);
  const list = await provided<vscode.CompletionList>("vscode.executeCompletionItemProvider", document.uri, position);
  // Words of open files are VS Code's own guess; only what a server says counts.
  const known = list.items.filter((item) => item.kind !== vscode.CompletionItemKind.Text);
  return known.map((item) => (typeof item.label === "string" ? item.label : item.label.label));
}

function provided<T>(command: string, ...words: unknown[]): Promise<T> {
  return inTime(command, vscode.commands.executeCommand<T>(command, ...words));
}

function asText(content: vscode.MarkdownString | vscode.MarkedString): string {
  return typeof content === "string" ? content : content.value;
}
