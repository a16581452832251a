// What a JavaScript program finds in its globals before any API: console, process, and the bridge
// through which API values come in. Loaded as a module of its own name, so that its frames can be told
// from the script's.
//
// Everything that passes to the host is one string: JSON, in which a special value is an object whose
// only key is "\0" (see javascript_values.py, the other half).

const { $host: host, $out: writeOut, $err: writeErr, $read: readInput, $tasks: askTasks } = globalThis;
for (const name of ["$host", "$out", "$err", "$read", "$tasks"]) delete globalThis[name];

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
const objects = new Map(); // weak references to API objects, by number
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

/** Two texts as one. Of long ones "+" makes a rope, a form of text that QuickJS's Python module does not know. */
function flat(first, second) {
  return [first, second].join("");
}

function pack(value, name = "value") {
  return stringify(encode(value, [name], new Map()));
}

