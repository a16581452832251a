/** Starts the installed VS Code as a server on a free loopback port, with settings and extensions of its own. */

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

import { run, startService, tail } from "./processes.mjs";

/** Nothing in the window but what a test or a reader looks at, and nothing that reaches outside. */
const quietSettings = {
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "debug.toolBarLocation": "docked",
  "editor.accessibilitySupport": "off",
  "editor.cursorBlinking": "solid",
  "editor.inlineSuggest.enabled": false,
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "git.enabled": false,
  "npm.autoDetect": "off",
  "remote.autoForwardPorts": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "terminal.integrated.gpuAcceleration": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "update.mode": "none",
  "window.restoreWindows": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
};

const noGallery = JSON.stringify({ serviceUrl: "", itemUrl: "", resourceUrlTemplate: "" });
const readyWithinSeconds = 60;

/**
 * Start VS Code; the result carries its `address`, the `log` file and `stop`.
 *
 * `home` is an empty folder for everything it writes; `settings` are the user's; `extension` is a
 * `.vsix` to install first; `withTestDriver` lets the page load tests into the extension host;
 * `environment` is added to what the extension host and its servers see.
 */
export async function startCodeServer(places, { home, settings = {}, extension, withTestDriver = false, environment = {} }) {
  const folders = { user: join(home, "user"), extensions: join(home, "extensions") };
  const shared = ["--user-data-dir", folders.user, "--extensions-dir", folders.extensions];
  prepareHome(folders, { ...quietSettings, ...settings }, home);
  const env = serverEnvironment(places, home, environment);
  if (extension) await run(places.node, [places.codeServer, ...shared, "--install-extension", extension], { env, timeoutSeconds: 90 });

  const port = await freePort();
  const log = join(home, "code-server.log");
  const service = startService(places.node, [places.codeServer, ...shared, ...serveOptions(port, home, withTestDriver)], {
    cwd: home,
    env,
    logFile: log,
  });
  const address = `http://127.0.0.1:${port}`;
  try {
    await untilHealthy(address, service, log);
  } catch (error) {
    await service.stop();
    throw error;
  }
  return { address, port, log, userFolder: folders.user, stop: service.stop };
}

/** The address that opens a folder, and files in it; `options` are further pairs of the payload. */
export function pageAddress(server, folder, { open = [], options = [] } = {}) {
  const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${path}`;
  const payload = [...open.map((file) => ["openFile", remote(file)]), ...options.map(([name, path]) => [name, remote(path)])];
  const address = new URL(server.address);
  address.searchParams.set("folder", folder);
  if (payload.length > 0) address.searchParams.set("payload", JSON.stringify(payload));
  return address.href;
}

/** The ends of the logs that tell what went wrong: the server's and the extension's own. */
export function logTails(server) {
  const written = readdirSync(server.userFolder, { recursive: true }).map((name) => join(server.userFolder, name));
  const logs = [server.log, ...written.filter((file) => file.endsWith("llmspell.log"))].filter((file) => existsSync(file));
  return logs.map((file) => `${file} ends with\n${tail(readFileSync(file, "utf8"))}`).join("\n\n");
}

function prepareHome(folders, settings, home) {
  mkdirSync(join(folders.user, "User"), { recursive: true });
  mkdirSync(folders.extensions, { recursive: true });
  writeFileSync(join(folders.user, "User", "settings.json"), JSON.stringify(settings, undefined, 2));
  // A configuration file of its own keeps code-server from writing one to the user's home.
  writeFileSync(join(home, "config.yaml"), "auth: none\n");
}

function serverEnvironment(places, home, environment) {
  return {
    EXTENSIONS_GALLERY: noGallery,
    PATH: `${dirname(places.node)}:${process.env.PATH}`,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    ...environment,
  };
}

function serveOptions(port, home, withTestDriver) {
  return [
    "--config", join(home, "config.yaml"),
    "--auth", "none",
    "--bind-addr", `127.0.0.1:${port}`,
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
    "--disable-getting-started-override",
    // A built VS Code ignores extension tests without this.
    ...(withTestDriver ? ["--vscode-option", "enable-smoke-test-driver=true"] : []),
  ];
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function untilHealthy(address, service, log) {
  const deadline = Date.now() + readyWithinSeconds * 1000;
  let hasEnded = false;
  void service.ended.then(() => (hasEnded = true));
  while (Date.now() < deadline && !hasEnded) {
    const answer = await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`VS Code did not start within ${readyWithinSeconds} s.\n${tail(readFileSync(log, "utf8"))}`);
}
