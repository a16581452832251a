// Errors and calls ----------------------------------------------------------------------------------

const kinds = { __proto__: null, TypeError, RangeError, SyntaxError, ReferenceError, Error };

function errorClass(name) {
  if (kinds[name]) return kinds[name];
  const made = {
    [name]: class extends NativeError {
      constructor(message, options) {
        super(message, options);
      }
    },
  }[name];
  defineProperty(made.prototype, "name", { value: name, configurable: true, writable: true });
  return (kinds[name] = made);
}

/** What the host knows of an error beside its kind and message (`code`) is in it under the same names. */
function hostError(name, message, cause, above, fields = bare([])) {
  const made = new (errorClass(name))(message, cause === undefined ? undefined : { __proto__: null, cause });
  const names = keys(fields);
  for (let index = 0; index < names.length; index++) place(made, names[index], fields[names[index]]);
  captureStackTrace(made, above ?? hostError);
  return made;
}

/** Most arguments are such: they need no place to be told by. */
function passesAsItIs(value) {
  const kind = typeof value;
  return kind === "string" || kind === "boolean" || value === null || (kind === "number" && value > 0 && isInteger(value));
}

function packed(values, above, label) {
  try {
    const encoded = bare([]);
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      encoded[index] = passesAsItIs(value) ? value : encode(value, bare(["argument " + (index + 1)]), new OwnMap());
    }
    return stringify(encoded);
  } catch (error) {
    if (!isBridgeError(error)) throw error;
    throw hostError("TypeError", label + ": " + error.message, undefined, above);
  }
}

function call(number, values, above, label) {
  return answer(host(number, packed(values, above, label)), above);
}

function answer(text, above) {
  if (text === "0null") return null;
  switch (text[0]) {
    case "0":
      return parse(cut(text, 1));
    case "1":
      return decode(parse(cut(text, 1)));
    case "E": {
      const told = parse(cut(text, 1));
      throw hostError(told[0], told[1], told[2] === null ? undefined : decode(told[2]), above, decode(told[3]));
    }
    case "R": {
      const number = +cut(text, 1);
      const error = carried.get(number);
      carried.delete(number);
      throw error;
    }
    default:
      return end();
  }
}

/** The host ends the script: it has set an interrupt that no handler in the script can catch. */
function end() {
  for (;;);
}

function describe(value, told = new OwnSet()) {
  if (!isError(value)) return bare(["", described(value), "", null, create(null)]);
  told.add(value);
  const led = causeOf(value);
  const cause = led === undefined || told.has(led) ? null : describe(led, told);
  return bare([asText(value.name), asText(value.message), stackText(value), cause, fieldsOf(value)]);
}

/** As people see a value, whatever the script has made of the functions that show it. */
function shownSafely(value) {
  try {
    return inspect(value);
  } catch {
    return "a " + typeof value;
  }
}

function described(value) {
  return typeof value === "string" ? value : "what was thrown is not an Error but " + shownSafely(value);
}

function safely(action) {
  try {
    return action();
  } catch (error) {
    carried.set(++lastCarried, error);
    return flat("E", stringify(bare([lastCarried, describe(error)])));
  }
}

