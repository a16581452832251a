/** Debugging through VS Code's own debugger interface, down to the process's end. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";

import { DebugRun } from "./debugRun";
import { activated, either, type ScriptLanguage, scriptUri, workspaceFolder } from "./support";

export function defineDebuggingChecks(language: ScriptLanguage): void {
  const program = (): string => scriptUri("main", language).fsPath;
  const start = (more: Record<string, unknown> = {}, noDebug = false): Promise<DebugRun> =>
    DebugRun.start({ program: program(), ...more }, noDebug);

  describe(`${language} debugging`, () => {
    before(activated);
    afterEach(DebugRun.cleanUp);

    it("stops at a breakpoint, shows every frame, evaluates, changes, steps and ends", async () => {
      DebugRun.setBreakpoint(scriptUri("main", language), 3);
      const run = await start();
      const stopped = await run.stopped();
      assert.equal(stopped.reason, "breakpoint");

      const frames = await run.frames();
      assert.deepEqual(frames.slice(0, 2).map((frame) => [frame.name, frame.line]), [["area", 3], ["describe", 7]]);
      assert.equal(frames[2]?.line, 13);
      assert.equal((await run.variable(frames[0], "product")).value, "20");
      assert.equal((await run.variable(frames[0], "width")).value, "2");
      const item = await run.variable(frames[1], "item");
      assert.match((await run.child(item, "name")).value, /first/);
      assert.match((await run.variable(frames[2], "name")).value, /first/);

      assert.equal(await run.evaluate("product + height", frames[0]), "30");
      assert.equal(await run.evaluate(either(language, "item.width", "item.width"), frames[1]), "2");
      await run.setVariable(frames[0], "product", "77");
      assert.equal(await run.evaluate("product", frames[0]), "77");

      await run.step("stepOut");
      assert.equal((await run.frames())[0]?.name, "describe");
      await run.step("next");
      await run.step("next");
      DebugRun.clearBreakpoints();
      await run.continueToEnd();
      assert.match(run.output("stdout"), /first 77, second 30\s+true/);
      assert.equal(run.exitCode(), 0);
    });

    it("stops on entry and steps over line by line", async () => {
      const run = await start({ stopOnEntry: true });
      assert.equal((await run.stopped()).reason, "entry");
      const first = (await run.frames())[0]?.line ?? 0;
      await run.step("next");
      const second = (await run.frames())[0]?.line ?? 0;
      assert.ok(second > first, `stepped from line ${first} to ${second}`);
      await run.continueToEnd();
    });

    it("stops only where a condition holds", async () => {
      DebugRun.setBreakpoint(scriptUri("main", language), 3, "width == 3");
      const run = await start();
      await run.stopped();
      const frame = (await run.frames())[0];
      assert.equal((await run.variable(frame, "product")).value, "30");
      await run.continueToEnd();
    });

    it("runs without debugging past breakpoints", async () => {
      DebugRun.setBreakpoint(scriptUri("main", language), 3);
      const run = await start({}, true);
      await run.ended();
      assert.equal(run.count("stopped"), 0);
      assert.match(run.output("stdout"), /first 20, second 30\s+true/);
      assert.equal(run.exitCode(), 0);
    });

    it("tells that a script failed, by output and exit code", async () => {
      const run = await start({ program: scriptUri("failing", language).fsPath }, true);
      await run.ended();
      assert.match(run.output("stderr"), /this script fails/);
      assert.equal(run.exitCode(), 1);
    });

    it("debugs the file in the editor by the command, with no launch.json", async () => {
      DebugRun.setBreakpoint(scriptUri("main", language), 8);
      await vscode.window.showTextDocument(scriptUri("main", language));
      const run = await DebugRun.observe(() => vscode.commands.executeCommand("llmspell.debugCurrentScript"));
      await run.stopped();
      assert.equal((await run.frames())[0]?.line, 8);
      assert.equal(run.session.workspaceFolder?.uri.toString(), workspaceFolder().uri.toString());
      DebugRun.clearBreakpoints();
      await run.continueToEnd();
    });
  });
}
