// The bridge, see javascript_values.py for its other half. Everything that passes to the host is one string:
// JSON, in which a special value is an object whose only key is "\0".

const held = new OwnMap(); // functions that the host holds, by number
const numbers = new OwnWeakMap(); // and back
let lastNumber = 0;
const objects = new OwnMap(); // weak references to API objects, by number
const objectNumbers = new OwnWeakMap();
const hostFunctions = new OwnMap(); // the host's functions made here, by number
const hostNumbers = new OwnWeakMap();
const carried = new OwnMap(); // thrown values on their way through the host
let lastCarried = 0;
let repeats = null; // what of the value that is on its way was seen already

// From here to the host -----------------------------------------------------------------------------

class BridgeError extends Error {}
const isBridgeError = kindOf(BridgeError);
defineProperty(BridgeError.prototype, "name", { value: "BridgeError", configurable: true, writable: true });

function special(...parts) {
  return { __proto__: null, "\0": bare(parts) };
}

function encodeNumber(value) {
  if (isSame(value, -0)) return special("number", "-0");
  if (value !== value || value === Infinity || value === -Infinity) return special("number", asText(value));
  return value;
}

// A path is a list: what the root is called, then names and indexes. It becomes a text where something is refused.

function partName(key) {
  return typeof key === "string" && executed(/^[A-Za-z_$][\w$]*$/, key) ? "." + key : "[" + (isInteger(key) ? key : stringify(key)) + "]";
}

function shownPath(path, length = path.length) {
  let text = path[0];
  for (let index = 1; index < length; index++) text += partName(path[index]);
  return text;
}

function refuse(path, reason) {
  throw new BridgeError(shownPath(path) + " " + reason);
}

function encodeObject(value, path, open) {
  const number = objectNumbers.get(value);
  if (number !== undefined) return special("object", number);
  if (open.has(value)) refuse(path, "leads back to " + shownPath(path, open.get(value)) + ": a value cannot contain itself");
  if (open.size >= 100) refuse(bare([path[0]]), "is nested deeper than 100 levels");
  countRepeated(value, path, open);
  open.set(value, path.length);
  const encoded = encodeParts(value, path, open);
  open.delete(value);
  return encoded;
}

/** What a value holds in several places passes as several values; so it is counted how often that happens. */
function countRepeated(value, path, open) {
  if (open.size === 0) repeats = { __proto__: null, known: new OwnSet(), count: 0 };
  if (!repeats.known.has(value)) repeats.known.add(value);
  else if (++repeats.count > 100000) {
    refuse(bare([path[0]]), "holds the same values more than 100000 times over, and each time counts: pass what is needed of it");
  }
}

function encodeParts(value, path, open) {
  if (isArray(value)) return encodeArray(value, path, open);
  const prototype = getPrototypeOf(value);
  if (prototype === ObjectPrototype || prototype === null) return encodePlain(value, path, open);
  if (isError(value)) return encodeError(value, path, open);
  if (isView(value) && !isDataView(value)) return encodeView(value, path, open);
  if (isBuffer(value)) return special("bytes", latin1(new NativeUint8Array(value)));
  if (isDate(value)) return isNaN(timeOf(value)) ? null : isoText(value);
  if (isMap(value)) return encodeEntries(entriesOfMap(value), path, open);
  if (isSet(value)) return encodeArray(elementsOf(value), path, open);
  if (isPromise(value)) return refuse(path, "is a promise: await it first");
  for (let index = 0; index < boxes.length; index++) {
    if (boxes[index][0](value)) return encode(boxes[index][1](value), path, open);
  }
  return encodePlain(value, path, open);
}

function encodePlain(value, path, open) {
  if (typeof value.toJSON === "function" && isOwnWay(value, "toJSON")) return encode(value.toJSON(), path, open);
  return encodeFields(value, path, open);
}

function encodeFields(value, path, open) {
  const names = keys(value);
  const encoded = create(null);
  const at = path.length;
  let marked = false;
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const item = value[name];
    if (item === undefined) continue;
    marked ||= name === "\0";
    path[at] = name;
    encoded[name] = passesAsItIs(item) ? item : encode(item, path, open);
  }
  path.length = at;
  return marked ? special("entries", entriesOf(encoded)) : encoded;
}

/** Whether a value has a property by itself or by its class, and not because all objects have it. */
function isOwnWay(value, key) {
  for (let at = value; at !== null && at !== ObjectPrototype; at = getPrototypeOf(at)) if (hasOwn(at, key)) return true;
  return false;
}

function encodeView(value, path, open) {
  if (isBytes(value)) return special("bytes", latin1(value));
  const encoded = bare([]);
  for (let index = 0; index < viewLength(value); index++) encoded[index] = encode(value[index], path, open);
  return encoded;
}

function entriesOfMap(map) {
  const entries = bare([]);
  forEachOf(map, (item, key) => { entries[entries.length] = bare([key, item]); });
  return entries;
}

function elementsOf(set) {
  const elements = bare([]);
  forEach(set, (element) => { elements[elements.length] = element; });
  return elements;
}

function entriesOf(value) {
  const names = bare(keys(value));
  const entries = bare([]);
  for (let index = 0; index < names.length; index++) entries[index] = bare([names[index], value[names[index]]]);
  return entries;
}

function encodeArray(value, path, open) {
  const encoded = bare([]);
  const at = path.length;
  for (let index = 0; index < value.length; index++) {
    path[at] = index;
    encoded[index] = encode(value[index], path, open);
  }
  path.length = at;
  return encoded;
}

function encodeEntries(entries, path, open) {
  const encoded = create(null);
  let marked = false;
  for (let index = 0; index < entries.length; index++) {
    const key = entries[index][0];
    const item = entries[index][1];
    if (item === undefined) continue;
    const name = typeof key === "string" ? key : typeof key === "symbol" ? refuse(path, "has a symbol as a key") : asText(key);
    marked ||= name === "\0";
    path[path.length] = name;
    encoded[name] = encode(item, path, open);
    path.length--;
  }
  return marked ? special("entries", entriesOf(encoded)) : encoded;
}

function encodeError(error, path, open) {
  const led = causeOf(error);
  const cause = led === undefined ? null : encode(led, bare([shownPath(path) + ".cause"]), open);
  return special("error", asText(error.name), asText(error.message), stackText(error), cause, fieldsOf(error));
}

// What errors of the host may know beside their kind and message, as values.py has it.
const fieldNames = bare(["code", "details", "tool", "profile", "rule", "remedy", "status", "retryAfter"]);
let isInFields = false;

/** What an error says of itself, as far as it passes. Errors in its details say no more, as one may be itself. */
function fieldsOf(error) {
  const found = create(null);
  if (isInFields) return found;
  const outer = repeats;
  isInFields = true;
  for (let index = 0; index < fieldNames.length; index++) {
    const name = fieldNames[index];
    try {
      if (hasOwn(error, name)) found[name] = encode(error[name], bare([name]), new OwnMap());
    } catch {
      // What cannot pass takes nothing else with it.
    }
  }
  isInFields = false;
  repeats = outer;
  return found;
}

/** Where an error was made: its own say, else what the engine noted, which nothing of the script's is called for. */
function stackText(error) {
  const stack = hasOwn(error, "stack") ? error.stack : stackOf(error);
  return typeof stack === "string" ? stack : "";
}

/** What led to an error, if it says so by itself or by its class. */
function causeOf(error) {
  return isOwnWay(error, "cause") ? error.cause : undefined;
}

function latin1(bytes) {
  let text = "";
  const length = viewLength(bytes);
  for (let at = 0; at < length; at += 4096) {
    const codes = bare([]);
    for (let index = at; index < min(at + 4096, length); index++) codes[index - at] = bytes[index];
    text += apply(fromCharCode, undefined, codes);
  }
  return text;
}

function encodeFunction(value) {
  const known = hostNumbers.get(value);
  if (known !== undefined) return special("host", known);
  let number = numbers.get(value);
  if (number === undefined) numbers.set(value, (number = ++lastNumber));
  held.set(number, value);
  return special("function", number, asText(value.name));
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
      return special("bigint", asText(value));
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
  return joined(bare([first, second]), "");
}

function pack(value, name = "value") {
  return stringify(encode(value, bare([name]), new OwnMap()));
}

