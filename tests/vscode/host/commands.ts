/** Commands and tasks: that they are there, and that they do what their titles say. */

import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as vscode from "vscode";

import { activated, inTime, scriptUri, until, workspaceFolder } from "./support";

export function defineCommandChecks(): void {
  describe("commands", () => {
    before(activated);

    it("that are contributed exist", async () => {
      const extension = await activated();
      const { contributes } = extension.packageJSON as { contributes: { commands: { command: string }[] } };
      const registered = await vscode.commands.getCommands(true);
      const missing = contributes.commands.map(({ command }) => command).filter((name) => !registered.includes(name));
      assert.deepEqual(missing, []);
    });

    for (const language of ["lua", "javascript"] as const) {
      it(`run the current ${language} script in a terminal`, async () => {
        await vscode.window.showTextDocument(scriptUri("main", language));
        const ended: vscode.TaskProcessEndEvent[] = [];
        const listener = vscode.tasks.onDidEndTaskProcess((event) => ended.push(event));
        await inTime("the run command", vscode.commands.executeCommand("llmspell.runCurrentScript"));
        const event = await until("the end of the task", vscode.tasks.onDidEndTaskProcess, () => ended[0]);
        listener.dispose();
        assert.equal(event.exitCode, 0);
        assert.equal(event.execution.task.definition.type, "llmspell");
      });
    }

    it("give a script of tasks.json its arguments", async () => {
      const written = vscode.Uri.joinPath(workspaceFolder().uri, "written.txt").fsPath;
      const tasks = await inTime("the tasks", vscode.tasks.fetchTasks({ type: "llmspell" }));
      const task = tasks.find((each) => each.name === "arguments");
      assert.ok(task, "tasks.json's task is not offered");
      const ended: vscode.TaskProcessEndEvent[] = [];
      const listener = vscode.tasks.onDidEndTaskProcess((event) => ended.push(event));
      await vscode.tasks.executeTask(task);
      await until("the end of the task", vscode.tasks.onDidEndTaskProcess, () => ended[0]);
      listener.dispose();
      assert.equal(readFileSync(written, "utf8"), "one two");
    });
  });
}
