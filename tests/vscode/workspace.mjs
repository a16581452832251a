/** A throw-away copy of the scripts that the checks work on, with a server in its virtual environment. */

import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { projectFolder } from "../../tools/vscode/layout.mjs";

/** The project's own command. */
export const projectCommand = join(projectFolder, ".venv", "bin", "llmspell");

/** Copy the workspace into a folder; the extension finds `command` there as a user's `.venv`. */
export function makeWorkspace(folder, command = projectCommand) {
  const workspace = join(folder, "workspace");
  cpSync(join(projectFolder, "tests", "vscode", "workspace"), workspace, { recursive: true });
  mkdirSync(join(workspace, ".venv", "bin"), { recursive: true });
  symlinkSync(command, join(workspace, ".venv", "bin", "llmspell"));
  return workspace;
}
