/** Starts the system's Chromium, headless, through the pinned browser driver. */

import { createRequire } from "node:module";
import { join } from "node:path";

import { chromium as chromiumPath } from "./debian.mjs";

const options = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** A page in a browser of its own, with an empty profile; `close` ends the browser. */
export async function openBrowser(places, { width = 1400, height = 900 } = {}) {
  const { chromium } = createRequire(join(places.modules, "package.json"))("playwright-core");
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error("No Chromium was found: run 'node tools/vscode/install.mjs'.");
  const browser = await chromium.launch({ executablePath, headless: true, args: options, timeout: 30_000 });
  const page = await browser.newPage({ viewport: { width, height } });
  return { page, close: () => browser.close() };
}
