/** Where everything lies: the project, the pinned versions and the folder they are installed into. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const toolsFolder = dirname(fileURLToPath(import.meta.url));
export const projectFolder = join(toolsFolder, "..", "..");
export const extensionFolder = join(projectFolder, "vscode-extension");
export const extensionPackage = join(extensionFolder, "llmspell.vsix");

const pins = JSON.parse(readFileSync(join(toolsFolder, "package.json"), "utf8"));
const nodePackage = `node-linux-${process.arch}`;

/** The pinned versions by package; a changed pin names another folder, so that it is installed anew. */
export const versions = {
  "code-server": pins.dependencies["code-server"],
  "playwright-core": pins.dependencies["playwright-core"],
  node: pins.optionalDependencies[nodePackage],
};

export const cacheFolder = join(projectFolder, ".vscode-test");
export const installFolder = join(
  cacheFolder,
  `code-server-${versions["code-server"]}-node-${versions.node}-${process.arch}-playwright-${versions["playwright-core"]}`,
);

/** The places inside an installation, which stands in another folder while it is being made. */
export function placesIn(folder) {
  const modules = join(folder, "node_modules");
  const vscode = join(modules, "code-server", "lib", "vscode");
  return {
    modules,
    vscode,
    node: join(modules, nodePackage, "bin", "node"),
    nodeHome: join(modules, nodePackage),
    nodeGyp: join(modules, "node-gyp", "bin", "node-gyp.js"),
    codeServer: join(modules, "code-server", "out", "node", "entry.js"),
    vscodeModules: join(vscode, "node_modules"),
  };
}

/** Say plainly when this machine is one the pinned VS Code does not run on. */
export function requireSupportedMachine() {
  if (process.platform === "linux" && versions.node !== undefined) return;
  throw new Error(
    `The VS Code tests run on Linux on x64 or arm64; this machine is ${process.platform} on ${process.arch}.`,
  );
}
