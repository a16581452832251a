// The debugger's half inside the interpreter: shows values, pages through their parts, compiles and
// runs expressions. It keeps its own references to what it needs of the built-ins, and looks at values
// by their own property descriptors only, so that showing a value never runs a script's code.
//
// Answers are JSON texts: the Python module cuts strings at NUL characters and knows no BigInt.
// `classOf(value)` is the host's: the engine's own class of an object, which no script can forge.
(classOf, insideOf) => {
  "use strict";
  const { getOwnPropertyDescriptor, getPrototypeOf, create } = Object;
  const { ownKeys, apply, set: setProperty } = Reflect;
  const { stringify, parse } = JSON;
  const { isArray } = Array;
  const indirectEval = eval;
  const unbound = (method) => Function.prototype.call.bind(method);
  const getterOf = (owner, name) => unbound(getOwnPropertyDescriptor(owner, name).get);
  const slice = unbound(String.prototype.slice);
  const wellFormed = unbound(String.prototype.toWellFormed);
  const matches = unbound(RegExp.prototype.exec);
  const toRadix = unbound(Number.prototype.toString);
  const bigToRadix = unbound(BigInt.prototype.toString);
  const symbolText = unbound(Symbol.prototype.toString);
  const functionText = unbound(Function.prototype.toString);
  const regexpText = unbound(RegExp.prototype.toString);
  const dateTime = unbound(Date.prototype.getTime);
  const dateText = unbound(Date.prototype.toISOString);
  const mapEach = unbound(Map.prototype.forEach);
  const setEach = unbound(Set.prototype.forEach);
  const mapSize = getterOf(Map.prototype, "size");
  const setSize = getterOf(Set.prototype, "size");
  const typedLength = getterOf(getPrototypeOf(Uint8Array.prototype), "length");
  const bufferLength = getterOf(ArrayBuffer.prototype, "byteLength");
  const primitiveOf = {
    Number: unbound(Number.prototype.valueOf),
    String: unbound(String.prototype.valueOf),
    Boolean: unbound(Boolean.prototype.valueOf),
    Symbol: unbound(Symbol.prototype.valueOf),
    BigInt: unbound(BigInt.prototype.valueOf),
  };

  const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/;
  const INDEX = /^(?:0|[1-9]\d{0,9})$/;
  const TYPED_ARRAY = /^(?:Uint8Clamped|Uint8|Int8|Uint16|Int16|Uint32|Int32|BigUint64|BigInt64|Float16|Float32|Float64)Array$/;
  const LONGEST = 1000;
  const LONGEST_NESTED = 60;
  const MOST_SHOWN = 8;

  /** The values of one stop, by number; the host puts some in by itself. */
  const kept = [];
  let hexadecimal = false;

  // Private names tell these apart without asking a Proxy for its prototype.
  class Getter {
    #get;
    constructor(receiver, get) {
      this.receiver = receiver;
      this.#get = get;
    }
    static is(value) {
      return isObject(value) && #get in value;
    }
    run() {
      return apply(this.#get, this.receiver, []);
    }
  }

  class Entry {
    #key;
    constructor(key, value) {
      this.#key = key;
      this.value = value;
    }
    static is(value) {
      return isObject(value) && #key in value;
    }
    get key() {
      return this.#key;
    }
  }

  const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
  const keep = (value) => kept.push(value) - 1;
  const isIndex = (key) => typeof key === "string" && matches(INDEX, key) !== null;

  // One line for a value ------------------------------------------------------------------------------

  function numberText(value) {
    if (value === 0 && 1 / value < 0) return "-0";
    if (!hexadecimal || value % 1 !== 0) return `${value}`;
    return value < 0 ? `-0x${toRadix(-value, 16)}` : `0x${toRadix(value, 16)}`;
  }

  function bigText(value) {
    if (!hexadecimal) return `${value}n`;
    return value < 0n ? `-0x${bigToRadix(-value, 16)}n` : `0x${bigToRadix(value, 16)}n`;
  }

  function quoted(text, longest) {
    const shown = text.length > longest ? `${slice(text, 0, longest)}…` : text;
    return stringify(wellFormed(shown));
  }

  /** The name of an object's class, by its prototype's own `constructor`. */
  function className(value) {
    let prototype = value;
    for (let steps = 0; steps < 50; steps++) {
      prototype = getPrototypeOf(prototype);
      if (prototype === null) return steps === 0 ? "[Object: null prototype]" : "Object";
      if (classOf(prototype) === "Proxy") return "Object";
      const made = getOwnPropertyDescriptor(prototype, "constructor")?.value;
      if (typeof made !== "function" || classOf(made) === "Proxy") continue;
      const name = getOwnPropertyDescriptor(made, "name")?.value;
      if (typeof name === "string" && name) return name;
    }
    return "Object";
  }

  function functionPreview(value) {
    const text = functionText(value);
    const head = matches(/^(?:class\b[^{]*|(?:async\s+)?(?:function\s*\*?\s*)?[^{=]*?\([^)]*\)|(?:async\s+)?[\w$]+\s*(?==>))/, text);
    const name = getOwnPropertyDescriptor(value, "name")?.value;
    if (head && head[0].startsWith("class")) return `class ${typeof name === "string" ? name : ""}`.trimEnd();
    const parameters = head ? matches(/\([^)]*\)/, head[0])?.[0] ?? `(${head[0].trim()})` : "()";
    return `ƒ ${typeof name === "string" ? name : ""}${parameters}`;
  }

  function errorPreview(value) {
    const message = ownText(value, "message");
    const name = ownText(value, "name") ?? className(value);
    return message ? `${name}: ${message}` : name;
  }

  /** A text that is a data property of an object or of what it inherits from. */
  function ownText(value, key) {
    for (let owner = value, steps = 0; owner !== null && steps < 50; steps++) {
      if (classOf(owner) === "Proxy") return undefined;
      const found = getOwnPropertyDescriptor(owner, key);
      if (found) return typeof found.value === "string" ? found.value : undefined;
      owner = getPrototypeOf(owner);
    }
    return undefined;
  }

  function listed(parts, total) {
    if (total > parts.length) parts.push("…");
    return parts.join(", ");
  }

  function propertyPreview(value, key) {
    const found = getOwnPropertyDescriptor(value, key);
    if (found === undefined) return "";
    return "value" in found ? preview(found.value, 1) : "(...)";
  }

  function arrayPreview(value, length, head) {
    const parts = [];
    for (let index = 0; index < length && index < MOST_SHOWN; index++) {
      parts.push(propertyPreview(value, index) || "empty");
    }
    return `${head}(${length}) [${listed(parts, length)}]`.trimStart();
  }

  function entriesPreview(value, kind, size) {
    const parts = [];
    const add = (item, key) => {
      if (parts.length >= MOST_SHOWN) return;
      parts.push(kind === "Map" ? `${preview(key, 1)} => ${preview(item, 1)}` : preview(item, 1));
    };
    (kind === "Map" ? mapEach : setEach)(value, add);
    return `${className(value)}(${size}) {${listed(parts, size)}}`;
  }

  function objectPreview(value) {
    const keys = ownKeys(value).filter((key) => getOwnPropertyDescriptor(value, key)?.enumerable);
    const parts = keys.slice(0, MOST_SHOWN).map((key) => `${keyText(key)}: ${propertyPreview(value, key)}`);
    const name = className(value);
    return `${name === "Object" ? "" : `${name} `}{${listed(parts, keys.length)}}`;
  }

  function promisePreview(value) {
    const [state, at] = insideOf(value).split(" ");
    if (state === "pending") return "Promise {<pending>}";
    return `Promise {<${state}>: ${preview(kept[at], 1)}}`;
  }

  function preview(value, depth) {
    switch (typeof value) {
      case "string":
        return quoted(value, depth ? LONGEST_NESTED : LONGEST);
      case "number":
        return numberText(value);
      case "bigint":
        return bigText(value);
      case "symbol":
        return symbolText(value);
      case "object":
      case "function":
        return value === null ? "null" : compound(value, depth);
      default:
        return `${value}`;
    }
  }

  function compound(value, depth) {
    if (Getter.is(value)) return "(...)";
    if (Entry.is(value)) return `${preview(value.key, 1)} => ${preview(value.value, 1)}`;
    const kind = classOf(value);
    if (kind === "Proxy") return "Proxy {…}";
    if (typeof value === "function") return functionPreview(value);
    if (kind === "Array") return depth ? `Array(${value.length})` : arrayPreview(value, value.length, "");
    if (kind === "Arguments") return arrayPreview(value, indexedCount(value), "Arguments");
    if (kind === "Error") return errorPreview(value);
    if (kind === "Date") return Number.isNaN(dateTime(value)) ? "Invalid Date" : dateText(value);
    if (kind === "RegExp") return regexpText(value);
    if (kind === "Promise") return depth ? "Promise" : promisePreview(value);
    if (kind in primitiveOf) return `${className(value)} {${preview(primitiveOf[kind](value), 1)}}`;
    if (kind === "ArrayBuffer") return `ArrayBuffer(${bufferLength(value)})`;
    if (kind === "Map" || kind === "Set") {
      const size = kind === "Map" ? mapSize(value) : setSize(value);
      return depth ? `${className(value)}(${size})` : entriesPreview(value, kind, size);
    }
    if (matches(TYPED_ARRAY, kind)) {
      const length = typedLength(value);
      return depth ? `${className(value)}(${length})` : arrayPreview(value, length, className(value));
    }
    if (!depth) return objectPreview(value);
    const name = className(value);
    return name === "Object" ? "{…}" : name;
  }

  // Descriptions of values and of their parts ---------------------------------------------------------

  function typeText(value) {
    if (value === null) return "null";
    if (typeof value !== "object") return typeof value;
    if (Entry.is(value) || Getter.is(value)) return "";
    return classOf(value) === "Proxy" ? "Proxy" : className(value);
  }

  function indexedCount(value) {
    const kind = classOf(value);
    if (kind === "Array") return value.length;
    if (kind === "Arguments") return getOwnPropertyDescriptor(value, "length")?.value >>> 0;
    if (kind === "Map") return mapSize(value);
    if (kind === "Set") return setSize(value);
    return matches(TYPED_ARRAY, kind) ? typedLength(value) : 0;
  }

  function described(name, value, more) {
    const shown = { name, value: preview(value, 0), type: typeText(value), ...more };
    if (!isObject(value)) return shown;
    shown.token = keep(value);
    if (Getter.is(value) || Entry.is(value)) return shown;
    const indexed = indexedCount(value);
    if (indexed) shown.indexed = indexed;
    return shown;
  }

  function keyText(key) {
    if (typeof key === "symbol") return `[${symbolText(key)}]`;
    return matches(PLAIN_NAME, key) || isIndex(key) ? key : quoted(key, LONGEST_NESTED);
  }

  function suffix(key) {
    if (typeof key === "symbol") return null;
    if (matches(PLAIN_NAME, key)) return `.${key}`;
    return isIndex(key) ? `[${key}]` : `[${stringify(key)}]`;
  }

  function property(owner, key) {
    const found = getOwnPropertyDescriptor(owner, key);
    const name = typeof key === "symbol" ? keyText(key) : `${key}`;
    if (found === undefined) return { name, value: "empty", type: "" };
    const more = { suffix: suffix(key) };
    if ("value" in found) {
      if (!found.writable) more.readOnly = true;
      return described(name, found.value, more);
    }
    if (found.get === undefined) return { name, value: "undefined", type: "undefined", ...more };
    return described(name, new Getter(owner, found.get), { ...more, lazy: true, readOnly: !found.set });
  }

  function indexedParts(value, start, count) {
    const kind = classOf(value);
    const end = Math.min(indexedCount(value), start + count);
    const parts = [];
    if (kind === "Map" || kind === "Set") {
      let index = 0;
      const add = (item, key) => {
        if (index >= start && index < end) {
          parts.push(described(`${index}`, kind === "Map" ? new Entry(key, item) : item, { readOnly: true }));
        }
        index++;
      };
      (kind === "Map" ? mapEach : setEach)(value, add);
      return parts;
    }
    for (let index = start; index < end; index++) parts.push(property(value, `${index}`));
    return parts;
  }

  /** Parts that the engine keeps inside an object, and its prototype. */
  function internalParts(value) {
    const kind = classOf(value);
    const parts = [];
    const add = (name, part) => parts.push(described(name, part, { readOnly: true }));
    if (kind === "Promise") {
      const [state, at] = insideOf(value).split(" ");
      add("[[PromiseState]]", state);
      if (state !== "pending") add("[[PromiseResult]]", kept[at]);
    }
    if (kind === "Map" || kind === "Set") add("size", indexedCount(value));
    if (kind in primitiveOf) add("[[PrimitiveValue]]", primitiveOf[kind](value));
    add("[[Prototype]]", getPrototypeOf(value));
    return parts;
  }

  function namedParts(value) {
    const hasIndices = indexedCount(value) > 0;
    const keys = ownKeys(value).filter((key) => !(hasIndices && isIndex(key)));
    return [...keys.map((key) => property(value, key)), ...internalParts(value)];
  }

  function proxyParts(value) {
    return insideOf(value).split(" ").map((at, index) =>
      described(index ? "[[Handler]]" : "[[Target]]", kept[at] ?? null, { readOnly: true }));
  }

  function parts(value, kind, start, count) {
    if (Getter.is(value)) return [described("", value.run(), {})];
    if (Entry.is(value)) {
      return [described("key", value.key, { readOnly: true }), described("value", value.value, { readOnly: true })];
    }
    if (classOf(value) === "Proxy") return proxyParts(value);
    if (kind === "indexed") return indexedParts(value, start, count);
    if (kind === "named") return namedParts(value).slice(start, start + count);
    const indexed = indexedCount(value);
    const first = indexedParts(value, start, count);
    const rest = count - first.length;
    if (rest <= 0) return first;
    return [...first, ...namedParts(value).slice(Math.max(0, start - indexed)).slice(0, rest)];
  }

  // What the host calls -------------------------------------------------------------------------------

  function answer(action) {
    try {
      return stringify({ ok: action() });
    } catch (error) {
      return stringify({ error: thrownText(error) });
    }
  }

  function thrownText(error) {
    return isObject(error) ? preview(error, 0) : `Uncaught ${preview(error, 0)}`;
  }

  function withHex(hex, action) {
    hexadecimal = hex;
    try {
      return action();
    } finally {
      hexadecimal = false;
    }
  }

  function keyNamed(owner, name) {
    const symbol = ownKeys(owner).find((key) => typeof key === "symbol" && keyText(key) === name);
    return symbol ?? name;
  }

  /** A member as it lies there: an accessor is not run. */
  function member(value, key) {
    if (typeof value === "string") {
      if (key === "length" || isIndex(key)) return value[key];
    }
    if (value === null || value === undefined) throw new TypeError(`cannot read property '${key}' of ${value}`);
    for (let owner = Object(value); owner !== null; owner = getPrototypeOf(owner)) {
      if (classOf(owner) === "Proxy") throw new TypeError("reading a Proxy runs code");
      const found = getOwnPropertyDescriptor(owner, key);
      if (found === undefined) continue;
      if ("value" in found) return found.value;
      throw new TypeError(`reading '${key}' runs a getter`);
    }
    return undefined;
  }

  return {
    kept,
    forget() {
      kept.length = 0;
    },
    keep,
    describe: (at, name, hex) => answer(() => withHex(hex, () => described(name, kept[at], {}))),
    describeAll: (named, hex) =>
      answer(() => withHex(hex, () => parse(named).map(([at, name, more]) => described(name, kept[at], more)))),
    parts: (at, kind, start, count, hex) => answer(() => withHex(hex, () => parts(kept[at], kind, start, count))),
    whole: (at, bare) => answer(() => {
      const text = wellFormed(kept[at]);
      return bare ? text : stringify(text);
    }),
    compile: (text) => indirectEval(text),
    problem(text) {
      try {
        indirectEval(text);
        return "";
      } catch (error) {
        return thrownText(error);
      }
    },
    run: (compiled, receiver, values) => answer(() => keep(apply(compiled, kept[receiver], values < 0 ? [] : kept[values]))),
    apply: (compiled, at) => answer(() => keep(compiled(kept[at]))),
    assign: (at, name, value) => answer(() => {
      const owner = kept[at];
      if (!setProperty(owner, keyNamed(owner, name), kept[value])) throw new TypeError(`'${name}' is read-only`);
    }),
    follow: (at, keys) => answer(() => keep(parse(keys).reduce(member, kept[at]))),
    names: (at) => answer(() => ownKeys(kept[at]).filter((key) => typeof key === "string")),
    members: (at, names, hex) =>
      answer(() => withHex(hex, () => parse(names).map((name) => property(kept[at], name)))),
    error: (at) => answer(() => {
      const value = kept[at];
      if (!isObject(value) || classOf(value) !== "Error") return { id: typeText(value), text: preview(value, 0), stack: "", cause: -1 };
      const cause = getOwnPropertyDescriptor(value, "cause");
      return {
        id: ownText(value, "name") ?? className(value),
        text: ownText(value, "message") || errorPreview(value),
        stack: ownText(value, "stack") ?? "",
        cause: cause && "value" in cause && cause.value !== undefined ? keep(cause.value) : -1,
      };
    }),
  };
}
