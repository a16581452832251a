/** What the tests need of the operating system, installed by apt where it is missing. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { toolsFolder } from "./layout.mjs";
import { run } from "./processes.mjs";

const needs = [
  { package: "chromium", present: () => chromium() !== undefined },
  { package: "fonts-dejavu-core", present: () => existsSync("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf") },
  { package: "g++", present: () => onPath("g++") !== undefined },
  { package: "make", present: () => onPath("make") !== undefined },
  { package: "python3", present: () => onPath("python3") !== undefined },
];

/** The Chromium to drive: the one that LLMSPELL_CHROMIUM names, or the first on the PATH. */
export function chromium() {
  return process.env.LLMSPELL_CHROMIUM ?? onPath("chromium") ?? onPath("chromium-browser") ?? onPath("google-chrome");
}

/** Install what is missing. */
export async function installSystemPackages(say) {
  const missing = needs.filter((need) => !need.present()).map((need) => need.package);
  if (missing.length === 0) return;
  say(`installing by apt: ${missing.join(" ")}`);
  await run(join(toolsFolder, "..", "install_packages.sh"), missing, { timeoutSeconds: 1200 });
}

function onPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
