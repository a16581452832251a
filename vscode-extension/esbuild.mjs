/**
 * Bundles the extension into dist/extension.js.
 *
 * The names of the script API's globals come from the catalog, as a constant: the extension itself
 * knows nothing of the API. Functions such as `print`, and names that JavaScript has anyway, tell
 * nothing about a file and are left out.
 */

import { readFileSync } from "node:fs";
import { build } from "esbuild";

const catalog = JSON.parse(readFileSync("../engine/llmspell_engine/catalog/catalog.json", "utf8"));
const names = Object.entries(catalog.globals)
  .filter(([name, { kind }]) => kind === "namespace" && !(name in globalThis))
  .map(([name]) => name);

await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  define: { SCRIPT_GLOBALS: JSON.stringify(names) },
  minify: process.argv.includes("--production"),
  sourcemap: !process.argv.includes("--production"),
  logLevel: "warning",
});
