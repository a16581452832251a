// Files: written, read, listed and removed again, below the folder in which the script is run.
//
//   llmspell run examples/javascript/files.js

const folder = "files-of-the-javascript-example";

const files = (parameters) => Tool.execute("file-operations", parameters);

await files({ operation: "create_dir", path: folder });
for (const day of ["monday", "tuesday"]) {
  await files({ operation: "write", path: `${folder}/${day}.txt`, input: `It is ${day}.\n` });
}
await files({ operation: "append", path: `${folder}/monday.txt`, input: "It rains.\n" });
await files({ operation: "copy", sourcePath: `${folder}/monday.txt`, targetPath: `${folder}/copy.txt` });

const listing = await files({ operation: "list_dir", path: folder });
for (const entry of listing.result.entries) {
  console.log(`${entry.name}\t${entry.size}`);
}
const copy = await files({ operation: "read", path: `${folder}/copy.txt` });
process.stdout.write(copy.result.input);

await files({ operation: "delete", path: folder, recursive: true });
console.log((await files({ operation: "exists", path: folder })).result.exists);

// What lies outside is closed to scripts.
try {
  await files({ operation: "read", path: "../../etc/passwd" });
} catch {
  console.log(false);
}
