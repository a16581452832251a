// structuredClone -------------------------------------------------------------------------------------
//
// Copies of values as browsers and Node make them: circles and shared parts stay what they are, prototypes
// of classes and accessors are lost, and functions, symbols and handles of the API cannot be copied.

const errorsByName = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const uncloneable = [Promise, WeakMap, WeakSet, WeakRef, FinalizationRegistry];

function refuseClone(value) {
  const what = typeof value === "function" ? `the function '${value.name || "anonymous"}'` : inspect(value);
  throw hostError("DataCloneError", `${what} cannot be cloned`, undefined, structuredClone);
}

/** A copy that has no parts; undefined where a value has. */
function cloneWhole(value, copies) {
  if ([Boolean, Number, String, BigInt].some((kind) => value instanceof kind)) return Object(value.valueOf());
  if (value instanceof Symbol || uncloneable.some((kind) => value instanceof kind)) refuseClone(value);
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) return cloneView(value, copies);
  return undefined;
}

function cloneView(view, copies) {
  const buffer = cloneOf(view.buffer, copies);
  const kind = view instanceof DataView ? DataView : globalThis[view[Symbol.toStringTag]];
  return new kind(buffer, view.byteOffset, view instanceof DataView ? view.byteLength : view.length);
}

function cloneError(error, copies) {
  const name = String(error.name);
  const kind = Object.hasOwn(errorsByName, name) ? errorsByName[name] : NativeError;
  const copy = create(kind.prototype);
  copies.set(error, copy);
  const fields = { stack: String(error.stack ?? "") };
  if (Object.hasOwn(error, "message")) fields.message = String(error.message);
  if (Object.hasOwn(error, "cause")) fields.cause = cloneOf(error.cause, copies);
  for (const [key, value] of Object.entries(fields)) {
    defineProperty(copy, key, { value, writable: true, configurable: true });
  }
  return copy;
}

function cloneParts(value, copies) {
  if (value instanceof NativeError) return cloneError(value, copies);
  const copy = value instanceof Map ? new Map() : value instanceof Set ? new Set() : isArray(value) ? [] : {};
  copies.set(value, copy);
  if (value instanceof Map) {
    for (const [key, item] of [...value]) copy.set(cloneOf(key, copies), cloneOf(item, copies));
  } else if (value instanceof Set) {
    for (const item of [...value]) copy.add(cloneOf(item, copies));
  } else {
    if (isArray(value)) copy.length = value.length;
    for (const key of keys(value)) place(copy, key, cloneOf(value[key], copies));
  }
  return copy;
}

function cloneOf(value, copies) {
  if (typeof value === "symbol" || typeof value === "function") refuseClone(value);
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (objectNumbers.has(value)) refuseClone(value);
  const whole = cloneWhole(value, copies);
  if (whole === undefined) return cloneParts(value, copies);
  copies.set(value, whole);
  return whole;
}

/** A copy of a value with all its parts. Buffers of `transfer` move to the copy instead. */
function structuredClone(value, options) {
  if (arguments.length === 0) throw new TypeError("structuredClone takes a value");
  const moved = [...(options?.transfer ?? [])];
  const copies = new Map();
  for (const buffer of moved) {
    if (!(buffer instanceof ArrayBuffer) || buffer.detached || copies.has(buffer)) refuseClone(buffer);
    copies.set(buffer, buffer.slice(0));
  }
  const copy = cloneOf(value, copies);
  for (const buffer of moved) buffer.transfer();
  return copy;
}

defineProperty(globalThis, "structuredClone", { value: structuredClone, writable: true, configurable: true });

