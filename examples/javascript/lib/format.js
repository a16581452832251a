// Formatting of release notes, shared by the examples in this folder.

/** One numbered line of a list. */
export function bullet(index, text) {
  return `  ${index}. ${text}`;
}

/** A heading with the number of lines below it. */
export function heading(kind, count) {
  return `## ${kind[0].toUpperCase()}${kind.slice(1)} (${count})`;
}
