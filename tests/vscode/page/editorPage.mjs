/**
 * VS Code's page as a user handles it: keys, the command palette, and waiting for what is to be seen.
 *
 * Every wait has a limit; a step that fails leaves a screenshot of what was there instead.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

const limit = 30_000;

export class EditorPage {
  constructor(page, folder, name) {
    Object.assign(this, { page, folder, name, steps: 0 });
    mkdirSync(folder, { recursive: true });
    page.setDefaultTimeout(limit);
  }

  /** Do something and take a screenshot of the outcome; the title tells what was to be seen. */
  async step(title, action) {
    this.steps += 1;
    const file = `${this.name}-${String(this.steps).padStart(2, "0")}-${title.replaceAll(" ", "-")}`;
    try {
      await action();
    } catch (error) {
      await this.screenshot(`${file}-FAILED`);
      throw new Error(`${this.name}, step ${this.steps}, ${title}: ${error.message}`, { cause: error });
    }
    await this.screenshot(file);
    console.log(`page: ${this.name}: ${title}`);
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
  async command(title) {
    await this.press("F1");
    const input = await this.see(".quick-input-widget .quick-input-box input");
    await input.fill(`>${title}`);
    await this.see(".quick-input-widget .monaco-list-row.focused", title);
    await this.press("Enter");
    await this.gone(".quick-input-widget");
  }

  /** Open a file of the workspace by name, with the cursor on a line and column (from 1). */
  async open(file, line = 1, column = 1) {
    await this.press("Control+p");
    const input = await this.see(".quick-input-widget .quick-input-box input");
    await input.fill(file);
    await this.see(".quick-input-widget .monaco-list-row.focused", file);
    await this.press("Enter");
    await this.see(".tab.active", file);
    await this.goTo(line, column);
  }

  async goTo(line, column = 1) {
    await this.press("Control+g");
    const input = await this.see(".quick-input-widget .quick-input-box input");
    await input.fill(`:${line}:${column}`);
    await this.press("Enter");
    await this.gone(".quick-input-widget");
  }

  /** The part of an editor line that shows exactly this text. */
  word(text) {
    return this.page.locator(".editor-instance .view-line span span", { hasText: text }).first();
  }
}
