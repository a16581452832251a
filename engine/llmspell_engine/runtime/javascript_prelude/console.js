// console and process -------------------------------------------------------------------------------

let indent = "";
const counts = new Map();
const timers = new Map();

function printer(write) {
  return (values) => {
    const text = format(values);
    const lines = indent ? indent + text.replaceAll("\n", `\n${indent}`) : text;
    answer(write(stringify(lines + "\n")), undefined);
  };
}

const toOut = printer(writeOut);
const toErr = printer(writeErr);

function elapsed(label) {
  return `${label}: ${(Date.now() - (timers.get(label) ?? Date.now())).toFixed(0)}ms`;
}

const methods = {
  log: (...values) => toOut(values),
  info: (...values) => toOut(values),
  debug: (...values) => toOut(values),
  dir: (value) => toOut([inspect(value)]),
  table: (value) => toOut([value]),
  warn: (...values) => toErr(values),
  error: (...values) => toErr(values),
  trace: (...values) => {
    const here = {};
    captureStackTrace(here, methods.trace);
    toErr([`Trace${values.length ? ": " : ""}${format(values)}\n${here.stack.trimEnd()}`]);
  },
  assert: (condition, ...values) => {
    if (!condition) toErr(["Assertion failed" + (values.length ? `: ${format(values)}` : "")]);
  },
  count: (label = "default") => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    toOut([`${label}: ${counts.get(label)}`]);
  },
  time: (label = "default") => void timers.set(label, Date.now()),
  timeLog: (label = "default") => toOut([elapsed(label)]),
  timeEnd: (label = "default") => {
    toOut([elapsed(label)]);
    timers.delete(label);
  },
  group: (...values) => {
    if (values.length) toOut(values);
    indent += "  ";
  },
  groupEnd: () => void (indent = indent.slice(2)),
};

function define(target, name, value) {
  defineProperty(target, name, { value, writable: true, configurable: true });
}

define(globalThis, "console", methods);

function writer(write) {
  return { write: (text) => (answer(write(stringify(String(text))), undefined), true) };
}

/** ARGS: an array of the words after the program, which is asked by name too. Its elements stay its own. */
function installArguments(argv, named) {
  const words = argv.slice(2);
  for (const [name, value] of Object.entries(named)) {
    if (name !== "length" && !/^\d+$/.test(name)) place(words, name, value);
  }
  define(globalThis, "ARGS", words);
}

function installProcess(argv) {
  define(globalThis, "process", {
    argv,
    env: environment,
    exit: (code = 0) => call(0, [code], end, "process.exit"),
    stdout: writer(writeOut),
    stderr: writer(writeErr),
    stdin: {
      readLine: () => answer(readInput(stringify("l")), undefined),
      read: () => answer(readInput(stringify("a")), undefined),
    },
  });
}

