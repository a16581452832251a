// From the host to here -----------------------------------------------------------------------------

function bytesOf(text) {
  const bytes = new NativeUint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = charCode(text, index);
  return bytes;
}

const decoders = {
  __proto__: null,
  bigint: (digits) => asBigInt(digits),
  number: (word) => (word === "-0" ? -0 : asNumber(word)),
  bytes: bytesOf,
  host: (number, name) => hostFunction(number, name),
  function: (number) => held.get(number),
  error: (name, message, stack, cause, fields) => {
    const made = hostError(name, message, cause === null ? undefined : decode(cause), undefined, decode(fields));
    if (stack) defineProperty(made, "stack", { value: stack, configurable: true, writable: true });
    return made;
  },
  entries: (pairs) => {
    const made = {};
    for (let index = 0; index < pairs.length; index++) place(made, pairs[index][0], decode(pairs[index][1]));
    return made;
  },
  object: (...parts) => apply(hostObject, undefined, parts),
  kept: (number, isNew, first, news) => keptTable(number, isNew, first, news),
};

/** A table that the host hands over once, and then what is new of it. The script may have closed it since. */
function keptTable(number, isNew, first, news) {
  let made = isNew ? decode(first) : held.get(number);
  if (news.length && !isExtensible(made)) {
    const copy = {};
    const names = keys(made);
    for (let index = 0; index < names.length; index++) place(copy, names[index], made[names[index]]);
    made = copy;
  }
  for (let index = 0; index < news.length; index++) place(made, news[index][0], decode(news[index][1]));
  held.set(number, made);
  return made;
}

function decode(value) {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = decode(value[index]);
    return value;
  }
  if (hasOwn(value, "\0")) {
    const marked = value["\0"];
    return apply(decoders[marked[0]], undefined, rest(marked, 1));
  }
  const names = keys(value);
  for (let index = 0; index < names.length; index++) {
    const item = value[names[index]];
    if (typeof item === "object") place(value, names[index], decode(item));
  }
  return value;
}

function unpack(text) {
  const value = parse(cut(text, 1));
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

const shapes = bare([]); // the prototypes of API objects, by the numbers of their classes
const deref = (reference) => reference && dereferenced(reference);
const gone = new FinalizationRegistry((number) => {
  if (deref(objects.get(number))) return; // it was made anew meanwhile
  objects.delete(number);
  ask("forget", number);
});
const goneMethods = new FinalizationRegistry((number) => ask("forget_method", number));

/** The prototype of all API objects of one class. A method is made when it is first asked for. */
function shape(name, methods, iterates) {
  const prototype = create(ObjectPrototype);
  defineProperty(prototype, toStringTag, { value: name });
  const names = keys(methods);
  for (let index = 0; index < names.length; index++) {
    const key = names[index];
    const waits = methods[key];
    defineProperty(prototype, key, {
      get() {
        return objectNumbers.has(this) ? method(this, name, key, waits) : undefined;
      },
      set(value) {
        // A script may put something in the place of a method for itself, as in Lua.
        defineProperty(this, key, { value, writable: true, configurable: true });
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
  const value = newFunction(number, key, name + "." + key, waits);
  hostNumbers.set(value, number);
  watchFor(goneMethods, value, number);
  defineProperty(owner, key, { value, writable: true, configurable: true });
  return value;
}

function hostObject(number, fields, index, shapeNumber, name, methods, iterates) {
  const prototype = (shapes[shapeNumber] ??= shape(name, methods, iterates));
  const known = deref(objects.get(number));
  if (known) return known;
  const plain = create(prototype);
  const names = keys(fields);
  for (let at = 0; at < names.length; at++) place(plain, names[at], decode(fields[names[at]]));
  const made = index === null ? plain : indexed(plain, hostFunction(index, prototype[toStringTag]));
  objects.set(number, new WeakReference(made));
  objectNumbers.set(made, number);
  watchFor(gone, made, number);
  return made;
}

/** An object that looks names up with the host which it does not have itself (`Tool.calculator`). */
function indexed(plain, lookup) {
  return new Looking(plain, {
    __proto__: null,
    get(target, key, receiver) {
      if (typeof key !== "string" || key in target) return read(target, key, receiver);
      if (key === "then" || key === "toJSON") return undefined;
      return lookup(key) ?? undefined;
    },
  });
}

