/**
 * Child processes that cannot outlive their use.
 *
 * Every child leads a process group of its own. `run` waits for one to end and ends its group when time
 * is up; `startService` gives back a handle whose `stop` ends the whole group. A group that is still
 * alive when this process exits is ended then, so that an error anywhere leaves nothing behind.
 */

import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

const running = new Set();

process.on("exit", () => running.forEach((child) => signalGroup(child, "SIGKILL")));
for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]]) {
  process.on(signal, () => process.exit(code));
}

/** Run a command to its end; the result is its output. Fails with the output's tail otherwise. */
export function run(command, commandArguments, { cwd, env, timeoutSeconds = 300 } = {}) {
  const child = startInGroup(command, commandArguments, { cwd, env });
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  const text = () => Buffer.concat(output).toString("utf8");
  const shown = [command, ...commandArguments].join(" ");
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signalGroup(child, "SIGKILL");
      reject(new Error(`'${shown}' did not end within ${timeoutSeconds} s.\n${tail(text())}`));
    }, timeoutSeconds * 1000);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(new Error(`'${shown}' could not be started: ${error.message}`));
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(text());
      else reject(new Error(`'${shown}' ended with exit code ${code}.\n${tail(text())}`));
    });
  });
}

/** Start a long-lived process that writes to a log file; `stop` ends its group and waits for it. */
export function startService(command, commandArguments, { cwd, env, logFile }) {
  const child = startInGroup(command, commandArguments, { cwd, env });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = new Promise((resolve) => {
    child.on("error", (error) => {
      log.write(`${command} could not be started: ${error.message}\n`);
      resolve(undefined);
    });
    child.on("exit", (code) => resolve(code));
  });
  return { ended, stop: () => stopGroup(child, ended) };
}

/** The end of a long text, which is where the reason of a failure stands. */
export function tail(text, lines = 30) {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

function startInGroup(command, commandArguments, { cwd, env }) {
  const child = spawn(command, commandArguments, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.on("error", () => running.delete(child));
  return child;
}

async function stopGroup(child, ended) {
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), 3000);
  await ended;
  clearTimeout(timer);
  // Grandchildren may outlive their leader; the group still has its name then.
  signalGroup(child, "SIGKILL");
  running.delete(child);
}

function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}
