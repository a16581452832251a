/**
 * Builds the extension: its pinned packages, the type check and lint, then the `.vsix`.
 *
 *     node tools/vscode/extension.mjs            writes vscode-extension/llmspell.vsix
 *     node tools/vscode/extension.mjs --check    only checks the TypeScript
 */

import { copyFileSync, existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { extensionFolder, extensionPackage, projectFolder } from "./layout.mjs";
import { run } from "./processes.mjs";

const installedLock = join(extensionFolder, "node_modules", ".installed-lock.json");
const lock = join(extensionFolder, "package-lock.json");
const schema = join(extensionFolder, "schemas", "llmspell.schema.json");
const catalog = join(projectFolder, "engine", "llmspell_engine", "catalog", "catalog.json");

/** Install the extension's pinned packages when they are missing or the lock file has changed. */
export async function installPackages(say) {
  if (existsSync(installedLock) && readFileSync(installedLock, "utf8") === readFileSync(lock, "utf8")) return;
  say("installing the extension's packages");
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: extensionFolder, timeoutSeconds: 600 });
  copyFileSync(lock, installedLock);
}

/** Type check and lint the TypeScript. */
export async function checkExtension(say) {
  await installPackages(say);
  say("checking the extension");
  await run("npm", ["run", "--silent", "check"], { cwd: extensionFolder, timeoutSeconds: 180 });
}

/** Write the `.vsix` unless it is newer than everything it is made of; the result is its path. */
export async function buildExtension(say) {
  await installPackages(say);
  if (isCurrent()) return extensionPackage;
  await checkExtension(say);
  say("packaging the extension");
  await run("npm", ["run", "--silent", "package"], { cwd: extensionFolder, timeoutSeconds: 180 });
  return extensionPackage;
}

function isCurrent() {
  if (!existsSync(extensionPackage)) return false;
  const built = statSync(extensionPackage).mtimeMs;
  return sources().every((file) => statSync(file).mtimeMs < built);
}

function sources() {
  const own = readdirSync(extensionFolder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const files = own.map((entry) => join(extensionFolder, entry.name)).filter((file) => file !== extensionPackage);
  const code = readdirSync(join(extensionFolder, "src")).map((name) => join(extensionFolder, "src", name));
  return [...files, ...code, catalog, schema];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const say = (line) => console.log(`extension: ${line}`);
  try {
    if (process.argv.includes("--check")) await checkExtension(say);
    else say(`${await buildExtension(say)} is ready`);
  } catch (error) {
    console.error(`extension: ${error.message}`);
    process.exitCode = 1;
  }
}
