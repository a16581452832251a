/** What the tests need of the operating system, installed by apt where it is missing. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

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

/** Install what is missing, as root or through sudo; without either, say what to install. */
export async function installSystemPackages(say) {
  const missing = needs.filter((need) => !need.present()).map((need) => need.package);
  if (missing.length === 0) return;
  const command = aptCommand(missing);
  say(`installing by apt: ${missing.join(" ")}`);
  await run(command[0], [...command.slice(1), "update", "-qq"], { timeoutSeconds: 300 });
  await run(command[0], [...command.slice(1), "install", "-y", "-qq", "--no-install-recommends", ...missing], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    timeoutSeconds: 900,
  });
}

function aptCommand(missing) {
  const isRoot = process.getuid?.() === 0;
  if (onPath("apt-get") !== undefined && isRoot) return ["apt-get"];
  if (onPath("apt-get") !== undefined && onPath("sudo") !== undefined) return ["sudo", "-n", "apt-get"];
  throw new Error(
    `Missing on this machine: ${missing.join(", ")}. Install them with your package manager ` +
      `(on Debian: apt-get install ${missing.join(" ")}), then run this again.`,
  );
}

function onPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
