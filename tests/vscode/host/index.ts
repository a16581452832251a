/**
 * Runs the checks inside VS Code's extension host: VS Code calls `run` and passes its outcome on.
 *
 * The environment tells where the report goes (LLMSPELL_TEST_REPORT) and which checks to run
 * (LLMSPELL_TEST_GREP, all of them if unset).
 */

import { writeFileSync } from "node:fs";
import Mocha from "mocha";

import { defineCommandChecks } from "./commands";
import { defineDebuggingChecks } from "./debugging";
import { defineDiagnosticChecks } from "./diagnostics";
import { defineLanguageChecks } from "./language";
import { defineServerChecks } from "./server";

interface Outcome {
  title: string;
  error: string | null;
  milliseconds: number;
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 40_000 });
  const grep = process.env["LLMSPELL_TEST_GREP"];
  if (grep) mocha.grep(grep);
  mocha.suite.emit("pre-require", globalThis as never, "", mocha);
  defineServerChecks();
  defineCommandChecks();
  for (const language of ["lua", "javascript"] as const) {
    defineDiagnosticChecks(language);
    defineLanguageChecks(language);
    defineDebuggingChecks(language);
  }
  const outcomes: Outcome[] = [];
  const record = (outcome: Outcome): void => {
    outcomes.push(outcome);
    writeReport(outcomes);
  };
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on("pass", (test) => { record({ title: test.fullTitle(), error: null, milliseconds: test.duration ?? 0 }); });
    runner.on("fail", (test, error: Error) => { record(failed(test, error)); });
  });
  if (outcomes.length === 0) throw new Error("no check ran");
  if (failures > 0) throw new Error(`${failures} checks failed`);
}

function failed(test: Mocha.Runnable, error: Error): Outcome {
  return { title: test.fullTitle(), error: error.stack ?? error.message, milliseconds: test.duration ?? 0 };
}

function writeReport(outcomes: Outcome[]): void {
  const file = process.env["LLMSPELL_TEST_REPORT"];
  if (file) writeFileSync(file, JSON.stringify(outcomes));
}
