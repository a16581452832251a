// What the profile leaves out ------------------------------------------------------------------------
//
// A name that is left out stays, as something that says so when it is used: in that way the script learns
// which rule it met, and how that can be changed.

function refusal(name, above) {
  return () => answer(askAccess(stringify(bare(["refuse", name]))), above);
}

function refusing(name) {
  function refused() {
    return refusal(name, refused)();
  }
  defineProperty(refused, "name", { value: name, configurable: true });
  return refused;
}

/** Functions are made from text by a function of each of these kinds too. */
function refuseConstructors() {
  const kinds = [function () {}, async function () {}, function* () {}, async function* () {}];
  const refused = refusing("Function");
  refused.prototype = Function.prototype;
  for (let index = 0; index < kinds.length; index++) {
    const described = { value: refused, writable: true, configurable: true };
    defineProperty(getPrototypeOf(kinds[index]), "constructor", described);
  }
  return refused;
}

/** `path` is the name of a global, or that and the name of its member. */
function leaveOut(path) {
  const name = path[0];
  if (path.length > 1) {
    define(globalThis[name], path[1], refusing(name + "." + path[1]));
    return;
  }
  const value =
    name === "Function"
      ? refuseConstructors()
      : typeof globalThis[name] === "function"
        ? refusing(name)
        : new Looking({}, { __proto__: null, get: refusal(name, leaveOut) });
  define(globalThis, name, value);
}

/** The environment, each variable of which the host is asked for. */
const environment = new Looking(create(null), {
  __proto__: null,
  get: (_, name) =>
    typeof name === "string" ? (answer(askAccess(stringify(bare(["variable", name]))), undefined) ?? undefined) : undefined,
  set: () => false,
  defineProperty: () => false,
});

/** The functions of the prelude are not given out by those who format stack traces; the result gives them. */
function closeStacks() {
  Error.prepareStackTrace = (_, sites) => sites;
  const sites = new NativeError("").stack;
  Error.prepareStackTrace = undefined;
  const methods = getPrototypeOf(sites[0]);
  const functionOf = uncurried(methods.getFunction);
  delete methods.getFunction;
  return functionOf;
}

const functionOfSite = closeStacks();
