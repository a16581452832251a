// What a JavaScript program finds in its globals before any API: console, process, and the bridge
// through which API values come in. Loaded as a module of its own name, so that its frames can be told
// from the script's.
//
// Everything that passes to the host is one string: JSON, in which a special value is an object whose
// only key is "\0" (see javascript_values.py, the other half).

const { $host: host, $out: writeOut, $err: writeErr, $read: readInput } = globalThis;
for (const name of ["$host", "$out", "$err", "$read"]) delete globalThis[name];

const { stringify, parse } = JSON;
const { isArray } = Array;
const { create, keys, defineProperty, getPrototypeOf, prototype: ObjectPrototype } = Object;
const isInteger = Number.isSafeInteger;
const NativeError = Error;
const captureStackTrace = Error.captureStackTrace;
const WeakReference = WeakRef;
Error.stackTraceLimit = 50;

const held = new Map(); // functions that the host holds, by number
const numbers = new WeakMap(); // and back
let lastNumber = 0;
const objects = new Map(); // API objects, by number
const objectNumbers = new WeakMap();
const hostFunctions = new Map(); // the host's functions made here, by number
const hostNumbers = new WeakMap();
const carried = new Map(); // thrown values on their way through the host
let lastCarried = 0;

// From here to the host -----------------------------------------------------------------------------

class BridgeError extends Error {}
defineProperty(BridgeError.prototype, "name", { value: "BridgeError", configurable: true, writable: true });

function special(...parts) {
  return { "\0": parts };
}

function encodeNumber(value) {
  if (Object.is(value, -0)) return special("number", "-0");
  if (value !== value || value === Infinity || value === -Infinity) return special("number", String(value));
  return value;
}

function partName(key) {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : isInteger(key) ? `[${key}]` : `[${stringify(key)}]`;
}

function refuse(path, reason) {
  throw new BridgeError(`${path.join("")} ${reason}`);
}

function encodeObject(value, path, open) {
  const number = objectNumbers.get(value);
  if (number !== undefined) return special("object", number);
  if (open.has(value)) refuse(path, `leads back to ${open.get(value)}: a value cannot contain itself`);
  if (open.size >= 100) refuse([path[0]], "is nested deeper than 100 levels");
  open.set(value, path.join(""));
  const encoded = encodeParts(value, path, open);
  open.delete(value);
  return encoded;
}

function encodeParts(value, path, open) {
  if (isArray(value)) return encodeArray(value, path, open);
  if (value instanceof NativeError) return encodeError(value, path, open);
  if (value instanceof Uint8Array) return special("bytes", latin1(value));
  if (value instanceof ArrayBuffer) return special("bytes", latin1(new Uint8Array(value)));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return encodeArray(value, path, open);
  if (value instanceof String || value instanceof Number || value instanceof Boolean) {
    return encode(value.valueOf(), path, open);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Map) return encodeEntries([...value], path, open);
  if (value instanceof Set) return encodeArray([...value], path, open);
  if (value instanceof Promise) return refuse(path, "is a promise: await it first");
  if (typeof value.toJSON === "function") return encode(value.toJSON(), path, open);
  return encodeEntries(keys(value).map((key) => [key, value[key]]), path, open);
}

function encodeArray(value, path, open) {
  const encoded = [];
  for (let index = 0; index < value.length; index++) {
    path.push(`[${index}]`);
    encoded[index] = encode(value[index], path, open);
    path.pop();
  }
  return encoded;
}

function encodeEntries(entries, path, open) {
  const encoded = create(null);
  let marked = false;
  for (const [key, item] of entries) {
    if (item === undefined) continue;
    const name = typeof key === "string" ? key : typeof key === "symbol" ? refuse(path, "has a symbol as a key") : String(key);
    path.push(partName(name));
    marked ||= name === "\0";
    encoded[name] = encode(item, path, open);
    path.pop();
  }
  return marked ? special("entries", keys(encoded).map((key) => [key, encoded[key]])) : encoded;
}

function encodeError(error, path, open) {
  const cause = error.cause === undefined ? null : encode(error.cause, [...path, ".cause"], open);
  return special("error", String(error.name), String(error.message), String(error.stack ?? ""), cause);
}

function latin1(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

function encodeFunction(value) {
  const known = hostNumbers.get(value);
  if (known !== undefined) return special("host", known);
  let number = numbers.get(value);
  if (number === undefined) numbers.set(value, (number = ++lastNumber));
  held.set(number, value);
  return special("function", number, String(value.name));
}

function encode(value, path, open) {
  switch (typeof value) {
    case "undefined":
      return null;
    case "boolean":
    case "string":
      return value;
    case "number":
      return encodeNumber(value);
    case "bigint":
      return special("bigint", String(value));
    case "function":
      return encodeFunction(value);
    case "symbol":
      return refuse(path, "is a symbol, which cannot leave the script");
    default:
      return value === null ? null : encodeObject(value, path, open);
  }
}

function pack(value, name = "value") {
  return stringify(encode(value, [name], new Map()));
}

// From the host to here -----------------------------------------------------------------------------

function bytesOf(text) {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

const decoders = {
  bigint: (digits) => BigInt(digits),
  number: (word) => (word === "-0" ? -0 : Number(word)),
  bytes: bytesOf,
  host: (number, name) => hostFunction(number, name),
  function: (number) => held.get(number),
  error: (name, message, stack, cause) => hostError(name, message, cause === null ? undefined : decode(cause)),
  entries: (pairs) => {
    const made = {};
    for (const [key, value] of pairs) place(made, key, decode(value));
    return made;
  },
  object: (number, name, fields, methods, index) => hostObject(number, name, fields, methods, index),
};

function place(target, key, value) {
  defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function decode(value) {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = decode(value[index]);
    return value;
  }
  const marked = value["\0"];
  if (marked !== undefined) return decoders[marked[0]](...marked.slice(1));
  for (const key of keys(value)) {
    const item = value[key];
    if (typeof item === "object") place(value, key, decode(item));
  }
  return value;
}

function unpack(text) {
  const value = parse(text.slice(1));
  return text[0] === "1" ? decode(value) : value;
}

function hostFunction(number, name, label = name) {
  let made = hostFunctions.get(number);
  if (made) return made;
  made = function (...values) {
    return call(number, values, made, label);
  };
  defineProperty(made, "name", { value: name, configurable: true });
  hostFunctions.set(number, made);
  hostNumbers.set(made, number);
  return made;
}

function hostObject(number, name, fields, methods, index) {
  const known = objects.get(number);
  if (known) return known;
  const prototype = create(ObjectPrototype, { [Symbol.toStringTag]: { value: name } });
  const bare = create(prototype);
  for (const [key, value] of Object.entries(fields)) place(bare, key, decode(value));
  for (const [key, id] of Object.entries(methods)) {
    const value = hostFunction(id, key, `${name}.${key}`);
    defineProperty(bare, key, { value, writable: true, configurable: true });
  }
  const made = index === null ? bare : indexed(bare, hostFunction(index, name));
  objects.set(number, made);
  objectNumbers.set(made, number);
  return made;
}

/** An object that looks names up with the host which it does not have itself (`Tool.calculator`). */
function indexed(bare, lookup) {
  return new Proxy(bare, {
    get(target, key, receiver) {
      if (typeof key !== "string" || key in target) return Reflect.get(target, key, receiver);
      if (key === "then" || key === "toJSON") return undefined;
      return lookup(key) ?? undefined;
    },
  });
}

// Errors and calls ----------------------------------------------------------------------------------

const kinds = { TypeError, RangeError, SyntaxError, ReferenceError, Error };

function errorClass(name) {
  if (kinds[name]) return kinds[name];
  const made = { [name]: class extends NativeError {} }[name];
  defineProperty(made.prototype, "name", { value: name, configurable: true, writable: true });
  return (kinds[name] = made);
}

function hostError(name, message, cause, above) {
  const made = new (errorClass(name))(message, cause === undefined ? undefined : { cause });
  captureStackTrace(made, above ?? hostError);
  return made;
}

function call(number, values, above, label) {
  let packed;
  try {
    packed = stringify(values.map((value, index) => encode(value, [`argument ${index + 1}`], new Map())));
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    throw hostError("TypeError", `${label}: ${error.message}`, undefined, above);
  }
  return answer(host(number, packed), above);
}

function answer(text, above) {
  switch (text[0]) {
    case "0":
    case "1":
      return unpack(text);
    case "E": {
      const [name, message, cause] = parse(text.slice(1));
      throw hostError(name, message, cause === null ? undefined : decode(cause), above);
    }
    case "R": {
      const number = Number(text.slice(1));
      const error = carried.get(number);
      carried.delete(number);
      throw error;
    }
    default:
      return end();
  }
}

/** The host ends the script: it has set an interrupt that no handler in the script can catch. */
function end() {
  for (;;);
}

function describe(value, effects = []) {
  if (!(value instanceof NativeError)) return ["", described(value), "", null];
  const told = [...effects, value];
  const cause = value.cause === undefined || told.includes(value.cause) ? null : describe(value.cause, told);
  return [String(value.name), String(value.message), String(value.stack ?? ""), cause];
}

function described(value) {
  return typeof value === "string" ? value : `what was thrown is not an Error but ${inspect(value)}`;
}

function safely(action) {
  try {
    return action();
  } catch (error) {
    carried.set(++lastCarried, error);
    return `E${stringify([lastCarried, describe(error)])}`;
  }
}

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

// console and process -------------------------------------------------------------------------------

let indent = "";
const counts = new Map();
const timers = new Map();

function printer(write) {
  return (values) => {
    const text = format(values);
    const lines = indent ? indent + text.replaceAll("\n", `\n${indent}`) : text;
    answer(write(stringify(`${lines}\n`)), undefined);
  };
}

const toOut = printer(writeOut);
const toErr = printer(writeErr);

function elapsed(label) {
  return `${label}: ${(Date.now() - (timers.get(label) ?? Date.now())).toFixed(0)}ms`;
}

const methods = {
  log: (...values) => toOut(values),
  info: (...values) => toOut(values),
  debug: (...values) => toOut(values),
  dir: (value) => toOut([inspect(value)]),
  table: (value) => toOut([value]),
  warn: (...values) => toErr(values),
  error: (...values) => toErr(values),
  trace: (...values) => {
    const here = {};
    captureStackTrace(here, methods.trace);
    toErr([`Trace${values.length ? ": " : ""}${format(values)}\n${here.stack.trimEnd()}`]);
  },
  assert: (condition, ...values) => {
    if (!condition) toErr(["Assertion failed" + (values.length ? `: ${format(values)}` : "")]);
  },
  count: (label = "default") => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    toOut([`${label}: ${counts.get(label)}`]);
  },
  time: (label = "default") => void timers.set(label, Date.now()),
  timeLog: (label = "default") => toOut([elapsed(label)]),
  timeEnd: (label = "default") => {
    toOut([elapsed(label)]);
    timers.delete(label);
  },
  group: (...values) => {
    if (values.length) toOut(values);
    indent += "  ";
  },
  groupEnd: () => void (indent = indent.slice(2)),
};

function define(target, name, value) {
  defineProperty(target, name, { value, writable: true, configurable: true });
}

define(globalThis, "console", methods);

function writer(write) {
  return { write: (text) => (answer(write(stringify(String(text))), undefined), true) };
}

/** ARGS: an array of the words after the program, which is asked by name too. Its elements stay its own. */
function installArguments(argv, named) {
  const words = argv.slice(2);
  for (const [name, value] of Object.entries(named)) {
    if (name !== "length" && !/^\d+$/.test(name)) place(words, name, value);
  }
  define(globalThis, "ARGS", words);
}

function installProcess(argv) {
  define(globalThis, "process", {
    argv,
    exit: (code = 0) => call(0, [code], end, "process.exit"),
    stdout: writer(writeOut),
    stderr: writer(writeErr),
    stdin: {
      readLine: () => answer(readInput(stringify("l")), undefined),
      read: () => answer(readInput(stringify("a")), undefined),
    },
  });
}

// What the host calls -------------------------------------------------------------------------------

const program = { state: "waiting", value: undefined };

globalThis.$llmspell = {
  install(text) {
    for (const [name, value] of Object.entries(unpack(text))) define(globalThis, name, value);
  },
  installInvocation(text) {
    const [argv, named] = unpack(text);
    installArguments(argv, named);
    installProcess(argv);
  },
  run(path) {
    program.state = "running";
    import(path).then(
      () => void (program.state = "done"),
      (error) => {
        program.state = "failed";
        program.value = error;
      },
    );
  },
  state: () => program.state,
  /** What ended the program; of values that the host's module does not know, their text. */
  thrown: () => (["bigint", "symbol"].includes(typeof program.value) ? String(program.value) : program.value),
  takeRejection(name) {
    program.value = globalThis[name];
    delete globalThis[name];
  },
  failure: () => stringify(describe(program.value)),
  evaluate: (text) => safely(() => `1${pack((0, eval)(text))}`),
  call: (number, text) => safely(() => `1${pack(held.get(number)(...unpack(text)))}`),
  release: (number) => {
    held.delete(number);
  },
  stack() {
    return new NativeError("").stack;
  },
};
