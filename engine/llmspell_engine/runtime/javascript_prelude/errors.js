// Errors and calls ----------------------------------------------------------------------------------

const kinds = { TypeError, RangeError, SyntaxError, ReferenceError, Error };

function errorClass(name) {
  if (kinds[name]) return kinds[name];
  const made = { [name]: class extends NativeError {} }[name];
  defineProperty(made.prototype, "name", { value: name, configurable: true, writable: true });
  return (kinds[name] = made);
}

function hostError(name, message, cause, above) {
  const made = new (errorClass(name))(message, cause === undefined ? undefined : { cause });
  captureStackTrace(made, above ?? hostError);
  return made;
}

function packed(values, above, label) {
  try {
    return stringify(values.map((value, index) => encode(value, [`argument ${index + 1}`], new Map())));
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    throw hostError("TypeError", `${label}: ${error.message}`, undefined, above);
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
      const [name, message, cause] = parse(text.slice(1));
      throw hostError(name, message, cause === null ? undefined : decode(cause), above);
    }
    case "R": {
      const number = Number(text.slice(1));
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

function describe(value, effects = []) {
  if (!(value instanceof NativeError)) return ["", described(value), "", null];
  const told = [...effects, value];
  const cause = value.cause === undefined || told.includes(value.cause) ? null : describe(value.cause, told);
  return [String(value.name), String(value.message), String(value.stack ?? ""), cause];
}

function described(value) {
  return typeof value === "string" ? value : `what was thrown is not an Error but ${inspect(value)}`;
}

function safely(action) {
  try {
    return action();
  } catch (error) {
    carried.set(++lastCarried, error);
    return flat("E", stringify([lastCarried, describe(error)]));
  }
}

