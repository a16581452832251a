// Showing values ------------------------------------------------------------------------------------

const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;

function quoted(text) {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes("`") ? "`" : "'";
  const escaped = stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function className(value) {
  const prototype = getPrototypeOf(value);
  if (prototype === null) return "[Object: null prototype]";
  const tag = prototype[Symbol.toStringTag];
  return typeof tag === "string" ? tag : (prototype.constructor?.name ?? "Object");
}

function showKey(key) {
  if (typeof key === "symbol") return `[${String(key)}]`;
  return PLAIN_KEY.test(key) ? key : quoted(key);
}

function showProperty(value, key, depth, seen) {
  const property = Object.getOwnPropertyDescriptor(value, key);
  if (property.get) return `${showKey(key)}: ${property.set ? "[Getter/Setter]" : "[Getter]"}`;
  if (property.set) return `${showKey(key)}: [Setter]`;
  return `${showKey(key)}: ${inspect(property.value, depth + 1, seen)}`;
}

function ownKeys(value) {
  return Reflect.ownKeys(value).filter((key) => ObjectPrototype.propertyIsEnumerable.call(value, key));
}

function join(parts, open, close, depth) {
  if (parts.length === 0) return open + close;
  const line = `${open} ${parts.join(", ")} ${close}`;
  if (line.length <= 72 && !line.includes("\n")) return line;
  const indent = "  ".repeat(depth + 1);
  return `${open}\n${indent}${parts.join(`,\n${indent}`)}\n${"  ".repeat(depth)}${close}`;
}

function showArray(value, depth, seen) {
  const parts = [];
  for (let index = 0; index < Math.min(value.length, 100); index++) {
    parts.push(index in value ? inspect(value[index], depth + 1, seen) : "<empty>");
  }
  const hidden = value.length > 100 ? [`... ${value.length - 100} more items`] : [];
  for (const key of ownKeys(value)) {
    if (typeof key === "symbol" || !/^\d+$/.test(key)) parts.push(showProperty(value, key, depth, seen));
  }
  return join([...(parts.length > 6 ? rows(parts) : parts), ...hidden], "[", "]", depth);
}

/** Short elements of a long array stand several on a line. */
function rows(parts) {
  if (parts.some((part) => part.length > 16 || part.includes("\n"))) return parts;
  const found = [];
  for (const part of parts) {
    const last = found.length - 1;
    if (last >= 0 && found[last].length + part.length + 2 <= 72) found[last] += `, ${part}`;
    else found.push(part);
  }
  return found;
}

function showObject(value, depth, seen) {
  const name = className(value);
  const prefix = name === "Object" ? "" : `${name} `;
  const parts = ownKeys(value).map((key) => showProperty(value, key, depth, seen));
  return parts.length || prefix ? join(parts, `${prefix}{`, "}", depth) : "{}";
}

function showError(error, depth, seen) {
  const head = String(error.stack ?? "").startsWith(String(error)) ? "" : `${error}\n`;
  const lines = `${head}${error.stack ?? ""}`.trimEnd().split("\n");
  const text = lines.filter((line) => !line.includes("(llmspell:")).join("\n");
  const cause = error.cause === undefined ? "" : `\n[cause]: ${inspect(error.cause, depth + 1, seen)}`;
  return depth > 0 && !error.stack ? `[${error}]` : text + cause;
}

function showFunction(value) {
  const isClass = /^class\b/.test(Function.prototype.toString.call(value));
  if (isClass) return `[class ${value.name || "(anonymous)"}]`;
  return value.name ? `[Function: ${value.name}]` : "[Function (anonymous)]";
}

function showCollection(value, depth, seen) {
  if (value instanceof Map) {
    const parts = [...value].map(([key, item]) => `${inspect(key, depth + 1, seen)} => ${inspect(item, depth + 1, seen)}`);
    return join(parts, `Map(${value.size}) {`, "}", depth);
  }
  return join([...value].map((item) => inspect(item, depth + 1, seen)), `Set(${value.size}) {`, "}", depth);
}

function showCompound(value, depth, seen) {
  if (isArray(value)) return showArray(value, depth, seen);
  if (value instanceof Map || value instanceof Set) return showCollection(value, depth, seen);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${className(value)}(${value.length}) ${showArray(Array.from(value), depth, seen)}`;
  }
  if (value instanceof Promise) return "Promise {}";
  return showObject(value, depth, seen);
}

/** A value as console.log shows it, in the manner of Node. */
function inspect(value, depth = 0, seen = []) {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return showFunction(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof NativeError) return showError(value, depth, seen);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (seen.includes(value)) return "[Circular]";
  if (depth > 2) return isArray(value) ? "[Array]" : `[${className(value)}]`;
  return showCompound(value, depth, [...seen, value]);
}

const directives = {
  s: (value) => (typeof value === "string" ? value : inspect(value, 1)),
  d: (value) => String(typeof value === "object" ? NaN : Number(value)),
  i: (value) => String(Number.parseInt(value, 10)),
  f: (value) => String(Number.parseFloat(value)),
  j: (value) => stringify(value),
  o: (value) => inspect(value),
  O: (value) => inspect(value),
  c: () => "",
};

function format(values) {
  let rest = values;
  const words = [];
  if (typeof values[0] === "string" && values.length > 1 && values[0].includes("%")) {
    rest = values.slice(1);
    words.push(values[0].replace(/%([sdifjoOc%])/g, (whole, kind) => {
      if (kind === "%") return "%";
      return rest.length ? directives[kind](rest.shift()) : whole;
    }));
  }
  for (const value of rest) words.push(typeof value === "string" ? value : inspect(value));
  return words.join(" ");
}

