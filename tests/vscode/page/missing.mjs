/**
 * What a user sees with no server installed: what is missing, how to get it, and that it then works.
 *
 *     node tests/vscode/page/missing.mjs SCREENSHOTS
 */

import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { projectCommand } from "../workspace.mjs";
import { play } from "./session.mjs";

const toast = ".notification-toast";
const button = `${toast} .monaco-button`;

await play("missing", process.argv[2], "broken.lua", story, { withServer: false });

async function story(editor, workspace) {
  await editor.step("told what is missing", async () => {
    await editor.see(toast, "The llmspell command was not found");
    await editor.see(button, "Open Settings");
    await editor.see(button, "Retry");
  });
  await editor.step("how to install", async () => {
    await (await editor.see(button, "How to Install")).click();
    await editor.see(".tab.active", "Preview INSTALL.md");
    await editor.seeInPreview("Installing the llmspell command");
  });
  await editor.step("told again", async () => {
    await editor.command("llmspell: Restart Language Server");
    await editor.see(toast, "The llmspell command was not found");
  });
  await editor.step("no debugging without it", async () => {
    await editor.open("main.lua");
    await editor.press("F5");
    await editor.see(toast, "The llmspell command was not found");
    await editor.gone(".debug-toolbar");
  });
  await editor.step("installed and retried", async () => {
    mkdirSync(join(workspace, ".venv", "bin"), { recursive: true });
    symlinkSync(projectCommand, join(workspace, ".venv", "bin", "llmspell"));
    await (await editor.see(button, "Retry")).click();
    await editor.open("broken.lua");
    await editor.see(".squiggly-error");
  });
}
