/** A throw-away copy of the scripts that the checks work on, with a server in its virtual environment. */

import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";

import { projectFolder } from "../../tools/vscode/layout.mjs";

/** The project's own command. */
export const projectCommand = join(projectFolder, ".venv", "bin", "llmspell");

/** The scripts of the checks, as they are copied. */
export const testScripts = join(projectFolder, "tests", "vscode", "workspace");

/** Copy scripts into a folder; the extension finds `command` there as a user's `.venv`. */
export function makeWorkspace(folder, { scripts = testScripts, command = projectCommand } = {}) {
  const workspace = join(folder, basename(scripts));
  cpSync(scripts, workspace, { recursive: true });
  mkdirSync(join(workspace, ".venv", "bin"), { recursive: true });
  symlinkSync(command, join(workspace, ".venv", "bin", "llmspell"));
  return workspace;
}
