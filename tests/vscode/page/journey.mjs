/**
 * What a user does and sees, through the page alone, in one language:
 * findings, completion, hover, a breakpoint, F5, variables, a step, the console, the output, the end.
 *
 *     node tests/vscode/page/journey.mjs lua|javascript SCREENSHOTS
 */

import { play } from "./session.mjs";

const scripts = {
  lua: { ending: "lua", toolCall: "local made = Tool.", calledAt: 24, output: "first 20, second 30" },
  javascript: { ending: "js", toolCall: "const made = Tool.", calledAt: 30, output: "first 20, second 30" },
};

const [language, screenshots] = process.argv.slice(2);
const script = scripts[language];
if (script === undefined) throw new Error("name a language: lua or javascript");

await play(language, screenshots, `broken.${script.ending}`, async (editor) => {
  await editing(editor);
  await debugging(editor);
});

async function editing(editor) {
  await editor.step("squiggle", async () => {
    await editor.see(".tab.active", `broken.${script.ending}`);
    await editor.see(".squiggly-error");
  });
  await editor.step("problems", async () => {
    await editor.command("Problems: Focus on Problems View");
    await editor.see(".markers-panel .monaco-list-row", "calculater");
    await editor.see(".markers-panel .monaco-list-row", "temprature");
  });
  await editor.step("completion of members", async () => {
    await editor.open(`main.${script.ending}`, 17, 1);
    await editor.press("Control+End", "Enter");
    await editor.type(script.toolCall);
    // With its signature: JavaScript's own support offers the bare word as well.
    await editor.see(".suggest-widget.visible .monaco-list-row", "Tool.execute(");
  });
  await editor.step("completion of tool names", async () => {
    await editor.press("Escape");
    await editor.type('execute("calc');
    await editor.press("Control+Space");
    await editor.see(".suggest-widget.visible .monaco-list-row", "calculator");
  });
  await editor.step("accepted completion", async () => {
    await editor.press("Enter");
    await editor.see(".view-line", `${script.toolCall}execute("calculator"`);
  });
  await editor.step("hover", async () => {
    await editor.press("Escape");
    await editor.command("File: Revert File");
    await editor.goTo(16, script.calledAt);
    await editor.command("Show or Focus Hover");
    await editor.see(".monaco-hover", "Tool.execute");
  });
}

async function debugging(editor) {
  await editor.step("breakpoint", async () => {
    await editor.press("Escape");
    await editor.command("View: Show Run and Debug");
    await editor.open(`main.${script.ending}`, 3);
    await editor.press("F9");
    await editor.see(".codicon-debug-breakpoint");
  });
  await editor.step("stopped", async () => {
    await editor.press("F5");
    await editor.see(".debug-top-stack-frame-line");
    await editor.see(".debug-call-stack .monaco-list-row", "describe");
  });
  await editor.step("variables", async () => {
    await editor.see(".debug-variables .monaco-list-row", "product");
    await editor.see(".debug-variables .monaco-list-row", "20");
  });
  await editor.step("variables of the caller", async () => {
    await editor.select(".debug-call-stack .monaco-list-row", "describe");
    await editor.see(".debug-variables .monaco-list-row", "item");
    await editor.select(".debug-variables .monaco-list-row", "item");
    await editor.press("ArrowRight");
    await editor.see(".debug-variables .monaco-list-row", "height");
  });
  await editor.step("stepped", async () => {
    await editor.select(".debug-call-stack .monaco-list-row", "area");
    await editor.press("F10");
    await editor.see(".debug-variables .monaco-list-row", "size");
  });
  await editor.step("debug console", async () => {
    await editor.evaluate("item.width * 100", "200");
  });
  await editor.step("output and end", async () => {
    await editor.open(`main.${script.ending}`, 3);
    await editor.press("F9", "F5");
    await editor.gone(".debug-toolbar");
    await editor.command("Debug Console: Focus on Debug Console View");
    await editor.see(".repl .monaco-list-row", script.output);
  });
}
