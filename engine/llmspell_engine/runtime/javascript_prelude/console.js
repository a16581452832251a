// console and process -------------------------------------------------------------------------------

let indent = "";
const counts = new OwnMap();
const timers = new OwnMap();

function printer(write) {
  return (values) => {
    const text = format(values);
    const lines = indent ? indent + replaced(text, "\n", "\n" + indent) : text;
    answer(write(stringify(lines + "\n")), undefined);
  };
}

const toOut = printer(writeOut);
const toErr = printer(writeErr);

function elapsed(label) {
  return asText(label) + ": " + shownNumber(now() - (timers.get(label) ?? now()), 0) + "ms";
}

function trace(...values) {
  const here = {};
  captureStackTrace(here, trace);
  const told = values.length ? "Trace: " + format(values) : "Trace";
  toErr(bare([told + "\n" + trimmedEnd(asText(here.stack))]));
}

const methods = {
  log: (...values) => toOut(values),
  info: (...values) => toOut(values),
  debug: (...values) => toOut(values),
  dir: (value) => toOut(bare([inspect(value)])),
  table: (value) => toOut(bare([value])),
  warn: (...values) => toErr(values),
  error: (...values) => toErr(values),
  trace,
  assert: (condition, ...values) => {
    if (!condition) toErr(bare(["Assertion failed" + (values.length ? ": " + format(values) : "")]));
  },
  count: (label = "default") => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    toOut(bare([asText(label) + ": " + counts.get(label)]));
  },
  time: (label = "default") => void timers.set(label, now()),
  timeLog: (label = "default") => toOut(bare([elapsed(label)])),
  timeEnd: (label = "default") => {
    toOut(bare([elapsed(label)]));
    timers.delete(label);
  },
  group: (...values) => {
    if (values.length) toOut(values);
    indent += "  ";
  },
  groupEnd: () => void (indent = cut(indent, 2)),
};

function define(target, name, value) {
  defineProperty(target, name, { __proto__: null, value, writable: true, configurable: true });
}

define(globalThis, "console", methods);

function writer(write) {
  return { write: (text) => (answer(write(stringify(asText(text))), undefined), true) };
}

/** ARGS: an array of the words after the program, which is asked by name too. Its elements stay its own. */
function installArguments(argv, named) {
  const words = [];
  for (let index = 2; index < argv.length; index++) added(words, argv[index]);
  const names = keys(named);
  for (let index = 0; index < names.length; index++) {
    if (names[index] !== "length" && !executed(INDEX, names[index])) place(words, names[index], named[names[index]]);
  }
  define(globalThis, "ARGS", words);
}

function installProcess(argv) {
  define(globalThis, "process", {
    argv,
    env: environment,
    exit: (code = 0) => call(0, bare([code]), end, "process.exit"),
    stdout: writer(writeOut),
    stderr: writer(writeErr),
    stdin: {
      readLine: () => answer(readInput(stringify("l")), undefined),
      read: () => answer(readInput(stringify("a")), undefined),
    },
  });
}

