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

function hostError(name, message, cause, above) {
  const made = new (errorClass(name))(message, cause === undefined ? undefined : { __proto__: null, cause });
  captureStackTrace(made, above ?? hostError);
  return made;
}

function packed(values, above, label) {
  try {
    const encoded = bare([]);
    for (let index = 0; index < values.length; index++) {
      encoded[index] = encode(values[index], bare(["argument " + (index + 1)]), new OwnMap());
    }
    return stringify(encoded);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    throw hostError("TypeError", label + ": " + error.message, undefined, above);
  }
}

function call(number, values, above, label) {
  return answer(host(number, packed(values, above, label)), above);
}

function answer(text, above) {
  switch (text[0]) {
    case "0":
    case "1":
      return unpack(text);
    case "E": {
      const told = parse(cut(text, 1));
      throw hostError(told[0], told[1], told[2] === null ? undefined : decode(told[2]), above);
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

const asText = String;

function describe(value, told = new OwnSet()) {
  if (!(value instanceof NativeError)) return bare(["", described(value), "", null]);
  told.add(value);
  const cause = value.cause === undefined || told.has(value.cause) ? null : describe(value.cause, told);
  return bare([asText(value.name), asText(value.message), asText(value.stack ?? ""), cause]);
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

