/** Runs one test through the page: starts VS Code and the browser, and ends both whatever happens. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

import { openBrowser } from "../../../tools/vscode/browser.mjs";
import { logTails, pageAddress, startCodeServer } from "../../../tools/vscode/codeserver.mjs";
import { buildExtension } from "../../../tools/vscode/extension.mjs";
import { install } from "../../../tools/vscode/install.mjs";
import { makeWorkspace } from "../workspace.mjs";
import { EditorPage } from "./editorPage.mjs";

const say = (line) => console.log(`page: ${line}`);

/**
 * Open `file` of a workspace and play `story`, a function of the editor page and the workspace; the
 * process exits with 0 if it came to its end. The workspace is a copy of `scripts`, the test's own
 * unless given; `withServer` tells whether it has a server.
 */
export async function play(name, screenshots, file, story, { scripts, withServer = true } = {}) {
  try {
    await playOrThrow(name, resolve(screenshots), file, story, { scripts, withServer });
  } catch (error) {
    console.error(`page: ${error.stack}`);
    process.exitCode = 1;
  }
}

async function playOrThrow(name, screenshots, file, story, { scripts, withServer }) {
  const places = await install(say);
  const extension = await buildExtension(say);
  const home = mkdtempSync(join(tmpdir(), "llmspell-page-"));
  const workspace = makeWorkspace(home, { scripts });
  if (!withServer) rmSync(join(workspace, ".venv"), { recursive: true });
  const server = await startCodeServer(places, { home, extension, environment: { PATH: pathWithoutServer() } });
  const browser = await openBrowser(places);
  try {
    await browser.page.goto(pageAddress(server, workspace, { open: [join(workspace, file)] }), { timeout: 60_000 });
    await story(new EditorPage(browser.page, screenshots, name), workspace);
  } catch (error) {
    console.error(logTails(server));
    throw error;
  } finally {
    await browser.close();
    await server.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The server is to be found in the workspace or not at all, also where one is installed for everybody. */
function pathWithoutServer() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !existsSync(join(folder, "llmspell"))).join(delimiter);
}
