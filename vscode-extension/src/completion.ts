/**
 * Lets the server's proposals stand beside those of VS Code's own JavaScript support.
 *
 * After `name.` that one proposes every word of the file, and has VS Code match them with the dot; what
 * is matched without it is listed below them all. So the dot belongs to these proposals as well.
 */

import * as vscode from "vscode";

type Proposals = vscode.CompletionItem[] | vscode.CompletionList | null | undefined;

/** The same proposals, each replacing the accessor in front of the word too. */
export function withAccessor(document: vscode.TextDocument, proposals: Proposals): Proposals {
  const items = Array.isArray(proposals) ? proposals : (proposals?.items ?? []);
  items.forEach((item) => { widen(document, item); });
  return proposals;
}

function widen(document: vscode.TextDocument, item: vscode.CompletionItem): void {
  if (!item.range) return;
  const { start } = "inserting" in item.range ? item.range.inserting : item.range;
  const before = document.lineAt(start.line).text.slice(0, start.character);
  const accessor = /\??\.$/.exec(before)?.[0];
  if (accessor === undefined) return;
  const label = typeof item.label === "string" ? item.label : item.label.label;
  const widened = (range: vscode.Range): vscode.Range => range.with(start.translate(0, -accessor.length));
  item.filterText = accessor + (item.filterText ?? label);
  item.insertText = prefixed(accessor, item.insertText ?? label);
  item.range =
    "inserting" in item.range
      ? { inserting: widened(item.range.inserting), replacing: widened(item.range.replacing) }
      : widened(item.range);
}

function prefixed(prefix: string, text: string | vscode.SnippetString): string | vscode.SnippetString {
  return typeof text === "string" ? prefix + text : new vscode.SnippetString(prefix + text.value);
}
