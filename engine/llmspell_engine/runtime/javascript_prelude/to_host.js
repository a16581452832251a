// What a JavaScript program finds in its globals before any API: console, process, and the bridge
// through which API values come in. Loaded as a module of its own name, so that its frames can be told
// from the script's.
//
// Everything that passes to the host is one string: JSON, in which a special value is an object whose
// only key is "\0" (see javascript_values.py, the other half).

//
// A script may change what all objects have in common, and what passes to the host and from it stays what it
// is: values on their way have no prototype, and what is done with them was taken from its place beforehand.
// Texts are put together with "+" here, for QuickJS makes calls of `String.prototype.concat` of templates.

const {
  $host: host, $out: writeOut, $err: writeErr, $read: readInput, $tasks: askTasks, $access: askAccess,
} = globalThis;
for (const name of ["$host", "$out", "$err", "$read", "$tasks", "$access"]) delete globalThis[name];

const { stringify, parse } = JSON;
const { isArray } = Array;
const { create, keys, hasOwn, isExtensible, setPrototypeOf, getPrototypeOf, prototype: ObjectPrototype } = Object;
const { apply } = Reflect;
const uncurried = (method) => Function.prototype.call.bind(method);
const pushed = uncurried(Array.prototype.push);
const popped = uncurried(Array.prototype.pop);
const joined = uncurried(Array.prototype.join);
const sliced = uncurried(Array.prototype.slice);
const cut = uncurried(String.prototype.slice);
const charCode = uncurried(String.prototype.charCodeAt);
const executed = uncurried(RegExp.prototype.exec);

/** An array whose elements nothing but itself has a say in. */
function bare(array) {
  return setPrototypeOf(array, null);
}

function defineProperty(target, key, described) {
  return Object_defineProperty(target, key, setPrototypeOf(described, null));
}
const Object_defineProperty = Object.defineProperty;

/** A class of collections whose methods nobody else can change. */
function closed(Base) {
  const Made = class extends Base {
    constructor() {
      super();
    }
  };
  for (const key of Reflect.ownKeys(Base.prototype)) {
    if (key === "constructor") continue;
    Object_defineProperty(Made.prototype, key, Object.getOwnPropertyDescriptor(Base.prototype, key));
  }
  setPrototypeOf(Made.prototype, null);
  return Made;
}

const OwnMap = closed(Map);
const OwnWeakMap = closed(WeakMap);
const OwnSet = closed(Set);
const isInteger = Number.isSafeInteger;
const NativeError = Error;
const captureStackTrace = Error.captureStackTrace;
const stackOf = uncurried(Object.getOwnPropertyDescriptor(Error.prototype, "stack").get);
const WeakReference = WeakRef;
Error.stackTraceLimit = 50;

const held = new OwnMap(); // functions that the host holds, by number
const numbers = new OwnWeakMap(); // and back
let lastNumber = 0;
const objects = new OwnMap(); // weak references to API objects, by number
const objectNumbers = new OwnWeakMap();
const hostFunctions = new OwnMap(); // the host's functions made here, by number
const hostNumbers = new OwnWeakMap();
const carried = new OwnMap(); // thrown values on their way through the host
let lastCarried = 0;

// From here to the host -----------------------------------------------------------------------------

class BridgeError extends Error {}
defineProperty(BridgeError.prototype, "name", { value: "BridgeError", configurable: true, writable: true });

function special(...parts) {
  return { __proto__: null, "\0": bare(parts) };
}

function encodeNumber(value) {
  if (Object.is(value, -0)) return special("number", "-0");
  if (value !== value || value === Infinity || value === -Infinity) return special("number", String(value));
  return value;
}

function partName(key) {
  return executed(/^[A-Za-z_$][\w$]*$/, key) ? "." + key : "[" + (isInteger(key) ? key : stringify(key)) + "]";
}

function refuse(path, reason) {
  throw new BridgeError(joined(path, "") + " " + reason);
}

function encodeObject(value, path, open) {
  const number = objectNumbers.get(value);
  if (number !== undefined) return special("object", number);
  if (open.has(value)) refuse(path, "leads back to " + open.get(value) + ": a value cannot contain itself");
  if (open.size >= 100) refuse(bare([path[0]]), "is nested deeper than 100 levels");
  open.set(value, joined(path, ""));
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
  return encodeEntries(entriesOf(value), path, open);
}

function entriesOf(value) {
  const names = bare(keys(value));
  const entries = bare([]);
  for (let index = 0; index < names.length; index++) entries[index] = bare([names[index], value[names[index]]]);
  return entries;
}

function encodeArray(value, path, open) {
  const encoded = bare([]);
  for (let index = 0; index < value.length; index++) {
    pushed(path, "[" + index + "]");
    encoded[index] = encode(value[index], path, open);
    popped(path);
  }
  return encoded;
}

function encodeEntries(entries, path, open) {
  const encoded = create(null);
  let marked = false;
  for (let index = 0; index < entries.length; index++) {
    const key = entries[index][0];
    const item = entries[index][1];
    if (item === undefined) continue;
    const name = typeof key === "string" ? key : typeof key === "symbol" ? refuse(path, "has a symbol as a key") : String(key);
    pushed(path, partName(name));
    marked ||= name === "\0";
    encoded[name] = encode(item, path, open);
    popped(path);
  }
  return marked ? special("entries", entriesOf(encoded)) : encoded;
}

function encodeError(error, path, open) {
  const cause = error.cause === undefined ? null : encode(error.cause, bare([joined(path, ""), ".cause"]), open);
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
  return joined([first, second], "");
}

function pack(value, name = "value") {
  return stringify(encode(value, bare([name]), new OwnMap()));
}

