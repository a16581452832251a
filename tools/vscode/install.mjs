/**
 * Installs a real VS Code (code-server) with its own Node and the browser driver under .vscode-test.
 *
 * The folder's name carries the versions, so a changed pin is a new installation. It is made in a
 * folder beside it and renamed as the last step: an installation is whole or it is not there. Running
 * it again costs nothing.
 *
 *     node tools/vscode/install.mjs
 */

import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { installSystemPackages } from "./debian.mjs";
import { cacheFolder, installFolder, placesIn, requireSupportedMachine, toolsFolder, versions } from "./layout.mjs";
import { run } from "./processes.mjs";

/** Native modules without which VS Code writes no log files and output channels stay empty. */
const nativeModules = ["@vscode/spdlog", "@vscode/native-watchdog"];

/** Parts of code-server that nothing here uses; together they are a third of it. */
const unusedParts = ["node_modules/@github", "node_modules/@microsoft/mxc-sdk", "extensions/copilot"];

/** Make sure that the pinned VS Code and all it needs are there; the result is its places. */
export async function install(say = (line) => console.log(`vscode: ${line}`)) {
  requireSupportedMachine();
  await installSystemPackages(say);
  if (!existsSync(installFolder)) await installInto(`${installFolder}.${process.pid}.partial`, say);
  return placesIn(installFolder);
}

async function installInto(folder, say) {
  const places = placesIn(folder);
  mkdirSync(cacheFolder, { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  try {
    say(`installing VS Code (code-server ${versions["code-server"]}) and Node ${versions.node}; about two minutes, once`);
    await installPinnedPackages(folder);
    say("installing VS Code's own packages");
    await installPackagesOfVSCode(places);
    for (const name of nativeModules) {
      say(`building ${name}`);
      await buildNativeModule(places, name);
    }
    unusedParts.forEach((part) => rmSync(join(places.vscode, part), { recursive: true, force: true }));
    renameSync(folder, installFolder);
    say("ready");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function installPinnedPackages(folder) {
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
    copyFileSync(join(toolsFolder, file), join(folder, file));
  }
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, timeoutSeconds: 600 });
}

/**
 * The editor's packages, and TypeScript for its JavaScript support, as every VS Code has it.
 * Not `npm ci`: the lock file that code-server ships lacks an entry, and npm refuses it then.
 */
async function installPackagesOfVSCode(places) {
  for (const cwd of [places.vscode, join(places.vscode, "extensions")]) {
    await run("npm", ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd, timeoutSeconds: 600 });
  }
}

/** Built against the headers that the pinned Node carries, so that nothing is downloaded. */
async function buildNativeModule(places, name) {
  await run(places.node, [places.nodeGyp, "rebuild", `--nodedir=${places.nodeHome}`], {
    cwd: join(places.vscodeModules, name),
    env: { PATH: `${join(places.nodeHome, "bin")}:${process.env.PATH}` },
    timeoutSeconds: 600,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await install().catch((error) => {
    console.error(`vscode: ${error.message}`);
    process.exitCode = 1;
  });
}
