/**
 * Runs the checks inside VS Code's extension host and exits as they came out: 0 if all passed.
 *
 *     node tests/vscode/host/drive.mjs SCREENSHOTS REPORT [--grep PATTERN] [--command FILE]
 *
 * The extension finds FILE, or the project's own command, in the workspace's virtual environment.
 * REPORT is written as a JSON list of {title, error, milliseconds}.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve as absolute } from "node:path";
import { format, parseArgs } from "node:util";

import { openBrowser } from "../../../tools/vscode/browser.mjs";
import { logTails, pageAddress, startCodeServer } from "../../../tools/vscode/codeserver.mjs";
import { installPackages } from "../../../tools/vscode/extension.mjs";
import { install } from "../../../tools/vscode/install.mjs";
import { extensionFolder } from "../../../tools/vscode/layout.mjs";
import { run } from "../../../tools/vscode/processes.mjs";
import { makeWorkspace, projectCommand } from "../workspace.mjs";

const limitSeconds = 240;
const say = (line) => console.log(`host: ${line}`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { grep: { type: "string", default: "" }, command: { type: "string" } },
});
const [screenshots, report] = positionals.map((path) => absolute(path));

process.exitCode = await main().catch((error) => {
  console.error(`host: ${error.stack}`);
  return 2;
});

async function main() {
  const places = await install(say);
  await bundle();
  const home = mkdtempSync(join(tmpdir(), "llmspell-host-"));
  mkdirSync(screenshots, { recursive: true });
  const workspace = makeWorkspace(home, { command: values.command });
  const environment = {
    LLMSPELL_TEST_COMMAND: projectCommand,
    LLMSPELL_TEST_GREP: values.grep,
    LLMSPELL_TEST_REPORT: report,
  };
  const server = await startCodeServer(places, { home, environment, withTestDriver: true });
  try {
    return await runChecks(places, server, workspace);
  } finally {
    await server.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function bundle() {
  await installPackages(say);
  await run("npm", ["run", "--silent", "bundle"], { cwd: extensionFolder });
  await run("npm", ["run", "--silent", "bundle-tests"], { cwd: extensionFolder });
}

/** Open the page that starts the checks and wait for the code that VS Code passes on. */
async function runChecks(places, server, workspace) {
  const browser = await openBrowser(places);
  const { page } = browser;
  const finished = pending();
  const timer = setTimeout(() => finished.reject(new Error(`no outcome within ${limitSeconds} s`)), limitSeconds * 1000);
  try {
    await page.exposeFunction("codeAutomationLog", (_kind, words) => console.log(`host: ${format(...words)}`));
    await page.exposeFunction("codeAutomationExit", (code) => finished.resolve(code));
    const options = [
      ["extensionDevelopmentPath", extensionFolder],
      ["extensionTestsPath", join(extensionFolder, "out", "tests.js")],
    ];
    await page.goto(pageAddress(server, workspace, { options }), { timeout: 60_000 });
    const code = await finished.promise;
    if (code !== 0) await explain(page, server);
    return code;
  } catch (error) {
    await explain(page, server);
    throw error;
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}

async function explain(page, server) {
  await page.screenshot({ path: join(screenshots, "host-failed.png") });
  console.error(logTails(server));
}

/** A promise and the functions that settle it; `Promise.withResolvers` is missing in Node 20. */
function pending() {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}
