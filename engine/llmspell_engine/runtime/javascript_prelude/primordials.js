// What a JavaScript program finds in its globals before any API: console, process, and the bridge
// through which API values come in. Loaded as a module of its own name, so that its frames can be told
// from the script's.
//
// A script may change what all objects have in common, and what the functions here do stays what it is. So they
// call nothing by a name that a script can give to something else: what they use is taken from its place
// beforehand, values on their way and records have no prototype, kinds are told by prototypes and not by
// `instanceof`, and nothing is spread, iterated or taken apart by position. Texts are put together with "+", for
// QuickJS makes calls of `String.prototype.concat` of templates. A test reads these files for all that.

const {
  $host: host, $out: writeOut, $err: writeErr, $read: readInput, $tasks: askTasks, $access: askAccess,
} = globalThis;
for (const name of ["$host", "$out", "$err", "$read", "$tasks", "$access"]) delete globalThis[name];

const { stringify, parse } = JSON;
const { isArray } = Array;
const {
  create, keys, hasOwn, is: isSame, isExtensible, setPrototypeOf, getPrototypeOf, getOwnPropertyDescriptor,
  defineProperty: definePropertyOf, prototype: ObjectPrototype,
} = Object;
const { apply, construct, get: read, ownKeys: ownKeysOf } = Reflect;
const { isSafeInteger: isInteger, isNaN, parseInt, parseFloat } = Number;
const { min, max, random } = Math;
const { now } = Date;
const { fromCharCode } = String;
const isView = ArrayBuffer.isView;
const asText = String;
const asNumber = Number;
const asBigInt = BigInt;
const asObject = Object;
const { asyncIterator, toStringTag } = Symbol;
const NativePromise = Promise;
const NativeError = Error;
const NativeTypeError = TypeError;
const AggregateErrorPrototype = AggregateError.prototype;
const NativeMap = Map;
const NativeSet = Set;
const NativeDate = Date;
const NativeRegExp = RegExp;
const NativeUint8Array = Uint8Array;
const Looking = Proxy;
const WeakReference = WeakRef;
const captureStackTrace = Error.captureStackTrace;

const uncurried = (method) => Function.prototype.call.bind(method);
const getter = (prototype, key) => uncurried(getOwnPropertyDescriptor(prototype, key).get);

const pushed = uncurried(Array.prototype.push);
const popped = uncurried(Array.prototype.pop);
const joined = uncurried(Array.prototype.join);
const cut = uncurried(String.prototype.slice);
const charCode = uncurried(String.prototype.charCodeAt);
const indexIn = uncurried(String.prototype.indexOf);
const trimmedEnd = uncurried(String.prototype.trimEnd);
const repeated = uncurried(String.prototype.repeat);
const executed = uncurried(RegExp.prototype.exec);
const shownNumber = uncurried(Number.prototype.toFixed);
const errorText = uncurried(Error.prototype.toString);
const stackOf = getter(Error.prototype, "stack");
const sourceOf = uncurried(Function.prototype.toString);
const patternOf = getter(RegExp.prototype, "source");
const flagGetters = bare([
  bare(["d", getter(RegExp.prototype, "hasIndices")]), bare(["g", getter(RegExp.prototype, "global")]),
  bare(["i", getter(RegExp.prototype, "ignoreCase")]), bare(["m", getter(RegExp.prototype, "multiline")]),
  bare(["s", getter(RegExp.prototype, "dotAll")]), bare(["u", getter(RegExp.prototype, "unicode")]),
  bare(["v", getter(RegExp.prototype, "unicodeSets")]), bare(["y", getter(RegExp.prototype, "sticky")]),
]);
const timeOf = uncurried(Date.prototype.getTime);
const isoText = uncurried(Date.prototype.toISOString);
const isEnumerable = uncurried(ObjectPrototype.propertyIsEnumerable);
const hasPrototype = uncurried(ObjectPrototype.isPrototypeOf);
const followed = uncurried(Promise.prototype.then);
const settled = Promise.resolve.bind(Promise);
const rejected = Promise.reject.bind(Promise);
const forEach = uncurried(Set.prototype.forEach);
const forEachOf = uncurried(Map.prototype.forEach);
const sizeOfMap = getter(Map.prototype, "size");
const sizeOfSet = getter(Set.prototype, "size");
const putInMap = uncurried(Map.prototype.set);
const putInSet = uncurried(Set.prototype.add);
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
const viewLength = getter(TypedArrayPrototype, "length");
const viewBuffer = getter(TypedArrayPrototype, "buffer");
const viewOffset = getter(TypedArrayPrototype, "byteOffset");
const viewKind = getter(TypedArrayPrototype, toStringTag);
const dataBuffer = getter(DataView.prototype, "buffer");
const dataOffset = getter(DataView.prototype, "byteOffset");
const dataLength = getter(DataView.prototype, "byteLength");
const NativeArrayBuffer = ArrayBuffer;
const bufferLength = getter(ArrayBuffer.prototype, "byteLength");
const filled = uncurried(TypedArrayPrototype.set);
const bufferMoved = uncurried(ArrayBuffer.prototype.transfer);
const isBufferGone = getter(ArrayBuffer.prototype, "detached");
const watchFor = uncurried(FinalizationRegistry.prototype.register);
const dereferenced = uncurried(WeakRef.prototype.deref);
Error.stackTraceLimit = 50;

/** Whether a value is of a class, whatever that answers when it is asked with `instanceof`. */
function kindOf(Base) {
  const { prototype } = Base;
  return (value) => hasPrototype(prototype, value);
}

const isError = kindOf(Error);
const isMap = kindOf(Map);
const isSet = kindOf(Set);
const isDate = kindOf(Date);
const isRegExp = kindOf(RegExp);
const isPromise = kindOf(Promise);
const isBytes = kindOf(Uint8Array);
const isBuffer = kindOf(ArrayBuffer);
const isDataView = kindOf(DataView);
const boxes = bare([
  bare([kindOf(String), uncurried(String.prototype.valueOf)]),
  bare([kindOf(Number), uncurried(Number.prototype.valueOf)]),
  bare([kindOf(Boolean), uncurried(Boolean.prototype.valueOf)]),
  bare([kindOf(BigInt), uncurried(BigInt.prototype.valueOf)]),
]);
const isBoxedSymbol = kindOf(Symbol);

// Waiting stands on these, in the script's own `await` too: they stay what they are.
for (const [target, key] of [[Promise.prototype, "then"], [Promise.prototype, "constructor"], [Promise, Symbol.species]]) {
  const described = getOwnPropertyDescriptor(target, key);
  definePropertyOf(target, key, { ...described, ...("value" in described ? { writable: false } : {}), configurable: false });
}

/** An array whose elements nothing but itself has a say in. */
function bare(array) {
  return setPrototypeOf(array, null);
}

function flagsOf(pattern) {
  let flags = "";
  for (let index = 0; index < flagGetters.length; index++) if (flagGetters[index][1](pattern)) flags += flagGetters[index][0];
  return flags;
}

function bufferCopy(buffer) {
  const copy = new NativeArrayBuffer(bufferLength(buffer));
  filled(new NativeUint8Array(copy), new NativeUint8Array(buffer));
  return copy;
}

/** A bare array of what lies in another one, from an index on. */
function rest(array, from) {
  const found = bare([]);
  for (let index = from; index < array.length; index++) found[index - from] = array[index];
  return found;
}

/** A bare array of what a function makes of the elements of another one. */
function mapped(array, make) {
  const found = bare([]);
  for (let index = 0; index < array.length; index++) found[index] = make(array[index], index);
  return found;
}

/** Put a value at the end of an array that a script will see. */
function added(array, value) {
  place(array, array.length, value);
}

function defineProperty(target, key, described) {
  return definePropertyOf(target, key, setPrototypeOf(described, null));
}

function place(target, key, value) {
  defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Whether a text is in another one. */
function holds(text, part) {
  return indexIn(text, part) >= 0;
}

function replaced(text, part, by) {
  let made = "";
  let from = 0;
  for (let at = indexIn(text, part); at >= 0; at = indexIn(text, part, from)) {
    made += cut(text, from, at) + by;
    from = at + part.length;
  }
  return made + cut(text, from);
}

function parted(text, mark) {
  const parts = bare([]);
  let from = 0;
  for (let at = indexIn(text, mark); at >= 0; at = indexIn(text, mark, from)) {
    parts[parts.length] = cut(text, from, at);
    from = at + mark.length;
  }
  parts[parts.length] = cut(text, from);
  return parts;
}

/** A class of collections whose methods nobody else can change. */
function closed(Base) {
  const Made = class extends Base {
    constructor() {
      super();
    }
  };
  for (const key of ownKeysOf(Base.prototype)) {
    if (key === "constructor") continue;
    definePropertyOf(Made.prototype, key, getOwnPropertyDescriptor(Base.prototype, key));
  }
  setPrototypeOf(Made.prototype, null);
  return Made;
}

const OwnMap = closed(Map);
const OwnWeakMap = closed(WeakMap);
const OwnSet = closed(Set);

