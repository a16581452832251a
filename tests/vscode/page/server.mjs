/**
 * What a user sees with no server installed: what is missing, how to get it, and that it then works;
 * and what when the server crashes later.
 *
 *     node tests/vscode/page/server.mjs SCREENSHOTS
 */

import { mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { projectCommand } from "../workspace.mjs";
import { play } from "./session.mjs";

const toast = ".notification-toast";
const button = `${toast} .monaco-button`;

await play("server", process.argv[2], "broken.lua", story, { withServer: false });

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
  await editor.step("crashed and started again", async () => {
    process.kill(languageServer(workspace), "SIGKILL");
    await editor.see(toast, "stopped unexpectedly and was started again");
    await editor.see(button, "Show Log");
    await editor.goTo(9);
    await editor.type("local again = nothing");
    await editor.command("Problems: Focus on Problems View");
    await editor.see(".markers-panel .monaco-list-row", "'nothing' is not defined");
  });
}

/** The process of the language server that VS Code has started for this workspace. */
function languageServer(workspace) {
  const command = join(workspace, ".venv", "bin", "llmspell");
  const isServer = (id) => {
    try {
      const words = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
      return words.includes(command) && words.includes("lsp");
    } catch {
      return false; // It has ended meanwhile.
    }
  };
  return Number(readdirSync("/proc").filter((name) => /^\d+$/.test(name)).find(isServer));
}
