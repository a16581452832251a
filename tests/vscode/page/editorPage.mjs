/**
 * VS Code's page as a user handles it: keys, the command palette, and waiting for what is to be seen.
 *
 * Every wait has a limit; a step that fails leaves a screenshot of what was there instead.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

const limit = 60_000;
const chooseAttempts = 3;

export class EditorPage {
  constructor(page, folder, name) {
    Object.assign(this, { page, folder, name, steps: 0 });
    mkdirSync(folder, { recursive: true });
    page.setDefaultTimeout(limit);
  }

  /** Do something that belongs to the story; its screenshot shows the outcome, and has a number. */
  async step(title, action) {
    this.steps += 1;
    await this.attempt(`${this.name}-${String(this.steps).padStart(2, "0")}-${title.replaceAll(" ", "-")}`, action);
    console.log(`page: ${this.name}: ${title}`);
  }

  /** Do something and take a screenshot of the outcome, or of what was there when it failed. */
  async attempt(name, action) {
    try {
      await action();
    } catch (error) {
      await this.screenshot(`${name}-FAILED`);
      throw new Error(`${name}: ${error.message}`, { cause: error });
    }
    await this.screenshot(name);
  }

  screenshot(name) {
    return this.page.screenshot({ path: join(this.folder, `${name}.png`) });
  }

  /** Wait until an element is visible; `text` narrows to those that contain it. */
  async see(selector, text) {
    const found = text === undefined ? this.page.locator(selector) : this.page.locator(selector, { hasText: text });
    await found.first().waitFor({ state: "visible", timeout: limit });
    return found.first();
  }

  /** Wait until a text is visible in a Markdown preview, which is a page within a page within the page. */
  async seeInPreview(text) {
    const preview = this.page.frameLocator("iframe.webview").frameLocator("iframe#active-frame");
    await preview.getByText(text).first().waitFor({ state: "visible", timeout: limit });
  }

  async gone(selector) {
    await this.page.locator(selector).first().waitFor({ state: "hidden", timeout: limit });
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  type(text) {
    return this.page.keyboard.type(text, { delay: 15 });
  }

  /** Run a command of the palette by its title. */
  command(title) {
    return this.choose("F1", `>${title}`, title);
  }

  /** Evaluate an expression in the Debug Console and wait for its result. */
  async evaluate(expression, result) {
    await this.command("Debug Console: Focus on Debug Console View");
    await this.see(".repl .repl-input-wrapper .monaco-editor.focused");
    await this.type(expression);
    await this.press("Enter");
    await this.see(".repl .monaco-list-row .value", result);
  }

  /** Select a row of a view; the pointer leaves it, so that nothing pops up. */
  async select(selector, text) {
    await (await this.see(selector, text)).click();
    await this.page.mouse.move(700, 1);
  }

  /** Open a file of the workspace by name, with the cursor on a line and column (from 1). */
  async open(file, line = 1, column = 1) {
    await this.choose("Control+p", file, file);
    await this.see(".tab.active", file);
    await this.goTo(line, column);
  }

  goTo(line, column = 1) {
    return this.choose("Control+g", `:${line}:${column}`);
  }

  /**
   * Type into the quick input that a key opens and take what it offers, `row` if given. It closes by
   * itself when something else takes the focus, as a window that is still starting does: then once more.
   */
  async choose(key, text, row) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.chooseOnce(key, text, row, limit / chooseAttempts);
        return;
      } catch (error) {
        if (attempt === chooseAttempts) throw error;
        await this.press("Escape");
      }
    }
  }

  async chooseOnce(key, text, row, timeout) {
    await this.press(key);
    const input = this.page.locator(".quick-input-widget .quick-input-box input").first();
    await input.fill(text, { timeout });
    const offered = this.page.locator(".quick-input-widget .monaco-list-row.focused", { hasText: row });
    if (row !== undefined) await offered.first().waitFor({ timeout });
    // To the input itself: were it gone, the key would end up in the script.
    await input.press("Enter", { timeout });
    await this.page.locator(".quick-input-widget").first().waitFor({ state: "hidden", timeout });
  }
}
