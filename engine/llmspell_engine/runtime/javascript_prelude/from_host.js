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
  object: (...parts) => hostObject(...parts),
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

/** A function of the host. One that waits comes with a number below zero. */
function hostFunction(signed, name, label = name) {
  const number = signed < 0 ? -1 - signed : signed;
  let made = hostFunctions.get(number);
  if (made) return made;
  made =
    signed < 0
      ? function (...values) {
          return begin(number, values, made, label);
        }
      : function (...values) {
          return call(number, values, made, label);
        };
  defineProperty(made, "name", { value: name, configurable: true });
  hostFunctions.set(number, made);
  hostNumbers.set(made, number);
  return made;
}

function hostObject(number, name, fields, methods, index, iterates) {
  const known = objects.get(number);
  if (known) return known;
  const prototype = create(ObjectPrototype, { [Symbol.toStringTag]: { value: name } });
  const bare = create(prototype);
  for (const [key, value] of Object.entries(fields)) place(bare, key, decode(value));
  for (const [key, id] of Object.entries(methods)) {
    const value = hostFunction(id, key, `${name}.${key}`);
    defineProperty(bare, key, { value, writable: true, configurable: true });
  }
  if (iterates) makeIterable(prototype, bare);
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

