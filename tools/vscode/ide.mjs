/**
 * Opens VS Code in the browser with the extension and the examples, until Ctrl-C.
 *
 *     node tools/vscode/ide.mjs [FOLDER]
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { pageAddress, startCodeServer } from "./codeserver.mjs";
import { buildExtension } from "./extension.mjs";
import { install } from "./install.mjs";
import { projectFolder } from "./layout.mjs";

const say = (line) => console.log(`ide: ${line}`);
const folder = resolve(process.argv[2] ?? join(projectFolder, "examples"));
const command = join(projectFolder, ".venv", "bin", "llmspell");

try {
  if (!existsSync(command)) throw new Error("The llmspell command is not installed in .venv: run 'make demo' once.");
  const places = await install(say);
  const extension = await buildExtension(say);
  const home = mkdtempSync(join(tmpdir(), "llmspell-ide-"));
  process.on("exit", () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  const server = await startCodeServer(places, {
    home,
    extension,
    settings: { "llmspell.server.path": command, "workbench.colorTheme": "Default Dark Modern" },
  });
  say(`open ${pageAddress(server, folder)}`);
  say("Ctrl-C ends it");
  await new Promise(() => setInterval(() => undefined, 60_000));
} catch (error) {
  console.error(`ide: ${error.message}`);
  process.exit(1);
}
