// structuredClone -------------------------------------------------------------------------------------
//
// Copies of values as browsers and Node make them: circles and shared parts stay what they are, prototypes
// of classes and accessors are lost, and functions, symbols and handles of the API cannot be copied.

const errorsByName = {
  __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError,
};
const viewsByKind = {
  __proto__: null, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView,
};
if (typeof Float16Array === "function") viewsByKind.Float16Array = Float16Array;
const uncloneable = mapped([Promise, WeakMap, WeakSet, WeakRef, FinalizationRegistry], kindOf);

function refuseClone(value) {
  const what = typeof value === "function" ? "the function '" + asText(value.name || "anonymous") + "'" : inspect(value);
  throw hostError("DataCloneError", what + " cannot be cloned", undefined, structuredClone);
}

/** A copy that has no parts; undefined where a value has. */
function cloneWhole(value, copies) {
  for (let index = 0; index < boxes.length; index++) {
    if (boxes[index][0](value)) return asObject(boxes[index][1](value));
  }
  if (isBoxedSymbol(value)) refuseClone(value);
  for (let index = 0; index < uncloneable.length; index++) if (uncloneable[index](value)) refuseClone(value);
  if (isDate(value)) return new NativeDate(timeOf(value));
  if (isRegExp(value)) return new NativeRegExp(patternOf(value), flagsOf(value));
  if (isBuffer(value)) return bufferCopy(value);
  if (isView(value)) return cloneView(value, copies);
  return undefined;
}

function cloneView(view, copies) {
  if (isDataView(view)) {
    return new viewsByKind.DataView(cloneOf(dataBuffer(view), copies), dataOffset(view), dataLength(view));
  }
  const Kind = viewsByKind[viewKind(view)];
  return new Kind(cloneOf(viewBuffer(view), copies), viewOffset(view), viewLength(view));
}

function cloneError(error, copies) {
  const kind = errorsByName[asText(error.name)] ?? NativeError;
  const copy = create(kind.prototype);
  copies.set(error, copy);
  defineProperty(copy, "stack", { value: stackText(error), writable: true, configurable: true });
  if (hasOwn(error, "message")) {
    defineProperty(copy, "message", { value: asText(error.message), writable: true, configurable: true });
  }
  if (hasOwn(error, "cause")) {
    defineProperty(copy, "cause", { value: cloneOf(error.cause, copies), writable: true, configurable: true });
  }
  return copy;
}

function cloneMap(map, copies) {
  const copy = new NativeMap();
  copies.set(map, copy);
  const entries = entriesOfMap(map);
  for (let index = 0; index < entries.length; index++) {
    putInMap(copy, cloneOf(entries[index][0], copies), cloneOf(entries[index][1], copies));
  }
  return copy;
}

function cloneSet(set, copies) {
  const copy = new NativeSet();
  copies.set(set, copy);
  const elements = elementsOf(set);
  for (let index = 0; index < elements.length; index++) putInSet(copy, cloneOf(elements[index], copies));
  return copy;
}

function cloneParts(value, copies) {
  if (isError(value)) return cloneError(value, copies);
  if (isMap(value)) return cloneMap(value, copies);
  if (isSet(value)) return cloneSet(value, copies);
  const copy = isArray(value) ? [] : {};
  copies.set(value, copy);
  if (isArray(value)) copy.length = value.length;
  const names = keys(value);
  for (let index = 0; index < names.length; index++) place(copy, names[index], cloneOf(value[names[index]], copies));
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
  if (arguments.length === 0) throw new NativeTypeError("structuredClone takes a value");
  const moved = rest(options?.transfer ?? bare([]), 0);
  const copies = new OwnMap();
  for (let index = 0; index < moved.length; index++) {
    const buffer = moved[index];
    if (!isBuffer(buffer) || isBufferGone(buffer) || copies.has(buffer)) refuseClone(buffer);
    copies.set(buffer, bufferCopy(buffer));
  }
  const copy = cloneOf(value, copies);
  for (let index = 0; index < moved.length; index++) bufferMoved(moved[index]);
  return copy;
}

defineProperty(globalThis, "structuredClone", { value: structuredClone, writable: true, configurable: true });

