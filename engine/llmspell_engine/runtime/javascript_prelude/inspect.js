// Showing values ------------------------------------------------------------------------------------

const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;
const INDEX = /^\d+$/;

function quoted(text) {
  const mark = !holds(text, "'") ? "'" : !holds(text, '"') ? '"' : !holds(text, "`") ? "`" : "'";
  const escaped = replaced(cut(stringify(text), 1, -1), '\\"', '"');
  return mark + (mark === "'" ? replaced(escaped, "'", "\\'") : escaped) + mark;
}

function className(value) {
  const prototype = getPrototypeOf(value);
  if (prototype === null) return "[Object: null prototype]";
  const tag = prototype[toStringTag];
  return typeof tag === "string" ? tag : asText(prototype.constructor?.name ?? "Object");
}

function showKey(key) {
  if (typeof key === "symbol") return "[" + asText(key) + "]";
  return executed(PLAIN_KEY, key) ? key : quoted(key);
}

function showProperty(value, key, depth, seen) {
  const property = setPrototypeOf(getOwnPropertyDescriptor(value, key), null);
  if (property.get) return showKey(key) + ": " + (property.set ? "[Getter/Setter]" : "[Getter]");
  if (property.set) return showKey(key) + ": [Setter]";
  return showKey(key) + ": " + inspect(property.value, depth + 1, seen);
}

/** The keys of a value's own enumerable properties. */
function shownKeys(value) {
  const all = bare(ownKeysOf(value));
  const found = bare([]);
  for (let index = 0; index < all.length; index++) {
    if (isEnumerable(value, all[index])) found[found.length] = all[index];
  }
  return found;
}

function join(parts, open, close, depth) {
  if (parts.length === 0) return open + close;
  const line = open + " " + joined(parts, ", ") + " " + close;
  if (line.length <= 72 && !holds(line, "\n")) return line;
  const indent = repeated("  ", depth + 1);
  return open + "\n" + indent + joined(parts, ",\n" + indent) + "\n" + repeated("  ", depth) + close;
}

function showElements(value, length, depth, seen) {
  const parts = bare([]);
  for (let index = 0; index < min(length, 100); index++) {
    parts[index] = hasOwn(value, index) ? inspect(value[index], depth + 1, seen) : "<empty>";
  }
  return parts;
}

function showArray(value, depth, seen, length = value.length) {
  let parts = showElements(value, length, depth, seen);
  const names = shownKeys(value);
  for (let index = 0; index < names.length; index++) {
    const key = names[index];
    if (typeof key === "symbol" || !executed(INDEX, key)) parts[parts.length] = showProperty(value, key, depth, seen);
  }
  if (parts.length > 6) parts = rows(parts);
  if (length > 100) parts[parts.length] = "... " + (length - 100) + " more items";
  return join(parts, "[", "]", depth);
}

/** Short elements of a long array stand several on a line. */
function rows(parts) {
  const found = bare([]);
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part.length > 16 || holds(part, "\n")) return parts;
    const last = found.length - 1;
    if (last >= 0 && found[last].length + part.length + 2 <= 72) found[last] += ", " + part;
    else found[last + 1] = part;
  }
  return found;
}

function showObject(value, depth, seen) {
  const name = className(value);
  const prefix = name === "Object" ? "" : name + " ";
  const parts = mapped(shownKeys(value), (key) => showProperty(value, key, depth, seen));
  return parts.length || prefix ? join(parts, prefix + "{", "}", depth) : "{}";
}

function showError(error, depth, seen) {
  const stack = stackText(error);
  const title = errorText(error);
  if (depth > 0 && !stack) return "[" + title + "]";
  const lines = parted(trimmedEnd((indexIn(stack, title) === 0 ? "" : title + "\n") + stack), "\n");
  const shown = bare([]);
  for (let index = 0; index < lines.length; index++) {
    if (!holds(lines[index], "(llmspell:")) shown[shown.length] = lines[index];
  }
  const led = causeOf(error);
  const cause = led === undefined ? "" : "\n[cause]: " + inspect(led, depth + 1, seen);
  return joined(shown, "\n") + cause;
}

function showFunction(value) {
  const name = asText(value.name);
  if (executed(/^class\b/, sourceOf(value))) return "[class " + (name || "(anonymous)") + "]";
  return name ? "[Function: " + name + "]" : "[Function (anonymous)]";
}

function showMap(value, depth, seen) {
  const parts = bare([]);
  forEachOf(value, (item, key) => {
    parts[parts.length] = inspect(key, depth + 1, seen) + " => " + inspect(item, depth + 1, seen);
  });
  return join(parts, "Map(" + sizeOfMap(value) + ") {", "}", depth);
}

function showSet(value, depth, seen) {
  const parts = mapped(elementsOf(value), (item) => inspect(item, depth + 1, seen));
  return join(parts, "Set(" + sizeOfSet(value) + ") {", "}", depth);
}

function showCompound(value, depth, seen) {
  if (isArray(value)) return showArray(value, depth, seen);
  if (isMap(value)) return showMap(value, depth, seen);
  if (isSet(value)) return showSet(value, depth, seen);
  if (isView(value) && !isDataView(value)) {
    const length = viewLength(value);
    return viewKind(value) + "(" + length + ") " + showArray(value, depth, seen, length);
  }
  if (isPromise(value)) return "Promise {}";
  return showObject(value, depth, seen);
}

function isAmong(values, wanted) {
  for (let index = 0; index < values.length; index++) if (values[index] === wanted) return true;
  return false;
}

function showSimple(value) {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return asText(value) + "n";
  return isSame(value, -0) ? "-0" : asText(value);
}

/** A value as console.log shows it, in the manner of Node. */
function inspect(value, depth = 0, seen = bare([])) {
  if (typeof value === "function") return showFunction(value);
  if (typeof value !== "object" || value === null) return showSimple(value);
  if (isError(value)) return showError(value, depth, seen);
  if (isDate(value)) return isNaN(timeOf(value)) ? "Invalid Date" : isoText(value);
  if (isRegExp(value)) return "/" + patternOf(value) + "/" + flagsOf(value);
  if (isAmong(seen, value)) return "[Circular]";
  if (depth > 2) return isArray(value) ? "[Array]" : "[" + className(value) + "]";
  const inner = rest(seen, 0);
  inner[inner.length] = value;
  return showCompound(value, depth, inner);
}

const directives = {
  __proto__: null,
  s: (value) => (typeof value === "string" ? value : inspect(value, 1)),
  d: (value) => asText(typeof value === "object" ? NaN : asNumber(value)),
  i: (value) => asText(parseInt(value, 10)),
  f: (value) => asText(parseFloat(value)),
  j: (value) => stringify(value),
  o: (value) => inspect(value),
  O: (value) => inspect(value),
  c: () => "",
};

/** The text with its directives filled from the values that follow it, and how many of those that took. */
function interpolated(values) {
  const text = values[0];
  let made = "";
  let used = 1;
  for (let at = 0; at < text.length; at++) {
    const kind = text[at] === "%" && at + 1 < text.length ? text[at + 1] : "";
    if (kind === "%") made += "%";
    else if (kind && directives[kind] && used < values.length) made += directives[kind](values[used++]);
    else {
      made += text[at];
      continue;
    }
    at += 1;
  }
  return bare([made, used]);
}

function format(values) {
  const words = bare([]);
  let from = 0;
  if (typeof values[0] === "string" && values.length > 1 && holds(values[0], "%")) {
    const found = interpolated(values);
    words[0] = found[0];
    from = found[1];
  }
  for (let index = from; index < values.length; index++) {
    words[words.length] = typeof values[index] === "string" ? values[index] : inspect(values[index]);
  }
  return joined(words, " ");
}

