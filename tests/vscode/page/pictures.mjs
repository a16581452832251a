/**
 * Takes the README's pictures: an example of each language, stopped at a breakpoint.
 *
 *     node tests/vscode/page/pictures.mjs [FOLDER]
 */

import { join } from "node:path";

import { projectFolder } from "../../../tools/vscode/layout.mjs";
import { play } from "./session.mjs";

const folder = process.argv[2] ?? join(projectFolder, "docs", "images");
const stops = {
  lua: { file: "release_notes.lua", line: 21, expanded: "cleaned" },
  javascript: { file: "release_notes.js", line: 21, expanded: "cleaned" },
};

for (const [language, stop] of Object.entries(stops)) {
  await play(language, folder, join(language, stop.file), (editor) => stopAndShow(editor, language, stop), {
    scripts: join(projectFolder, "examples"),
  });
}

async function stopAndShow(editor, language, { file, line, expanded }) {
  await editor.attempt(`debugging-${language}`, async () => {
    await editor.see(".tab.active", file);
    // The extension's button is the last to come when the window starts.
    await editor.see(".editor-actions .codicon-play");
    await editor.command("View: Show Run and Debug");
    await editor.command("View: Focus Active Editor Group");
    await editor.goTo(line);
    await editor.press("F9");
    await editor.see(".codicon-debug-breakpoint");
    await editor.press("F5");
    await editor.see(".debug-top-stack-frame-line");
    await editor.select(".debug-variables .monaco-list-row", expanded);
    await editor.press("ArrowRight");
    await editor.see(".debug-variables .monaco-list-row", "success");
    await editor.evaluate("cleaned.result.result", "paused scripts");
  });
}
