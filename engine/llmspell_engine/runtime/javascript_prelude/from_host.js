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
  made = newFunction(number, name, label, signed < 0);
  hostFunctions.set(number, made);
  hostNumbers.set(made, number);
  return made;
}

function newFunction(number, name, label, waits) {
  // Called by their own names, they hold no variable that holds them: they go with what holds them.
  const made = waits
    ? function called(...values) {
        return begin(number, values, called, label);
      }
    : function called(...values) {
        return call(number, values, called, label);
      };
  defineProperty(made, "name", { value: name, configurable: true });
  return made;
}

const shapes = []; // the prototypes of API objects, by the numbers of their classes
const gone = new FinalizationRegistry((number) => {
  if (objects.get(number)?.deref()) return; // it was made anew meanwhile
  objects.delete(number);
  ask("forget", number);
});
const goneMethods = new FinalizationRegistry((number) => ask("forget_method", number));

/** The prototype of all API objects of one class. A method is made when it is first asked for. */
function shape(name, methods, iterates) {
  const prototype = create(ObjectPrototype, { [Symbol.toStringTag]: { value: name } });
  for (const [key, waits] of Object.entries(methods)) {
    defineProperty(prototype, key, {
      get() {
        return objectNumbers.has(this) ? method(this, name, key, waits) : undefined;
      },
      configurable: true,
    });
  }
  if (iterates) makeIterable(prototype);
  return prototype;
}

/** A method of an object, which lies in it from then on. It is bound: `const { execute } = agent` will do. */
function method(owner, name, key, waits) {
  const number = ask("method", objectNumbers.get(owner), key);
  const value = newFunction(number, key, `${name}.${key}`, waits);
  hostNumbers.set(value, number);
  goneMethods.register(value, number);
  defineProperty(owner, key, { value, writable: true, configurable: true });
  return value;
}

function hostObject(number, fields, index, shapeNumber, ...described) {
  const prototype = (shapes[shapeNumber] ??= shape(...described));
  const known = objects.get(number)?.deref();
  if (known) return known;
  const bare = create(prototype);
  for (const [key, value] of Object.entries(fields)) place(bare, key, decode(value));
  const made = index === null ? bare : indexed(bare, hostFunction(index, prototype[Symbol.toStringTag]));
  objects.set(number, new WeakReference(made));
  objectNumbers.set(made, number);
  gone.register(made, number);
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

