// Async and Streaming -------------------------------------------------------------------------------

function argumentError(message, above) {
  return hostError("ArgumentError", message, undefined, above);
}

const fitting = {
  function: (value) => typeof value === "function",
  number: (value) => typeof value === "number" && value >= 0,
  string: (value) => typeof value === "string",
  table: (value) => typeof value === "object" && !isArray(value),
  list: (value) => isArray(value),
  promise: (value) => value instanceof NativePromise,
  work: (value) => typeof value === "function" || typeof value?.then === "function",
  boolean: (value) => typeof value === "boolean",
};
const kindsInWords = {
  function: "a function", number: "a number of at least 0", string: "a string", table: "an object",
  list: "a list", promise: "a promise", work: "a function or a promise", boolean: "a boolean",
};

function shownValue(value) {
  if (typeof value === "string") return stringify(value);
  if (value === null || value === undefined || ["number", "boolean"].includes(typeof value)) return String(value);
  return isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Checks arguments in the words that the host's members use. Parameters are `name kind`, `name? kind`, `...`. */
function checker(where, parameters) {
  const named = parameters.filter((text) => text !== "...").map((text) => text.split(" "));
  const words = parameters.map((text) => text.split(" ")[0]).join(", ");
  const many = named.length < parameters.length;
  const listed = named.length ? `${named.length} argument${named.length > 1 ? "s" : ""} (${words})` : "no arguments";
  return (given, above) => {
    let count = given.length;
    while (count > named.length && !many && given[count - 1] === undefined) count -= 1;
    if (count > named.length && !many) {
      throw argumentError(`${where} takes ${listed}, but ${count} were given`, above);
    }
    for (const [index, [name, kind]] of named.entries()) {
      const value = given[index] ?? undefined;
      if (value === undefined) {
        if (name.endsWith("?")) continue;
        throw argumentError(`${where}: '${name}' is missing; it takes ${listed}`, above);
      }
      if (!fitting[kind](value)) {
        const label = name.replace("?", "");
        throw argumentError(`${where}: '${label}' must be ${kindsInWords[kind]}, but ${shownValue(value)} was given`, above);
      }
    }
  };
}

/** A function of the API with its arguments checked; one that waits rejects what it gives. */
function declared(where, parameters, work, waits) {
  const check = checker(where, parameters);
  const name = where.split(".")[1];
  const made = waits
    ? { [name]: async (...given) => (check(given, made), work(...given)) }[name]
    : { [name]: (...given) => (check(given, made), work(...given)) }[name];
  return made;
}

function optionsOf(where, given, known) {
  const options = Object.fromEntries(Object.entries(known).map(([key, [, value]]) => [key, value]));
  for (const [key, value] of Object.entries(given ?? {})) {
    if (!(key in known)) throw argumentError(`${where}: there is no option '${key}'`, optionsOf);
    if (value === undefined) continue;
    if (!fitting[known[key][0]](value)) {
      const words = kindsInWords[known[key][0]];
      throw argumentError(`${where}: '${key}' must be ${words}, but ${shownValue(value)} was given`, optionsOf);
    }
    options[key] = value;
  }
  return options;
}

function started(work) {
  return typeof work === "function" ? run(work, []) : NativePromise.resolve(work);
}

/** Wait for what several promises come to; then those that are left are cancelled. */
function atOnce(combine) {
  return async (work) => {
    for (const [index, one] of work.entries()) {
      if (!fitting.work(one)) {
        throw argumentError(`Async: 'work[${index}]' must be ${kindsInWords.work}, but ${shownValue(one)} was given`, atOnce);
      }
    }
    const promises = work.map(started);
    try {
      return await combine(promises);
    } finally {
      for (const promise of promises) {
        promise.catch(() => undefined);
        cancel(promise, "what it was for has ended");
      }
    }
  };
}

async function timeout(work, seconds) {
  const promise = started(work);
  const pause = sleep(seconds);
  let ranOut = false;
  const limit = pause.then(() => { ranOut = true; }, () => undefined);
  const ended = promise.then(() => undefined, () => undefined);
  await NativePromise.race([ended, limit]);
  if (!ranOut) {
    cancel(pause);
    return promise;
  }
  promise.catch(() => undefined);
  cancel(promise, "it took too long");
  throw hostError("TimeoutError", `the work took longer than ${seconds} seconds`, undefined, timeout);
}

const retryOptions = {
  attempts: ["number", 3], baseDelay: ["number", 0.5], maxDelay: ["number", 30], jitter: ["boolean", true],
  onRetry: ["function", undefined],
};

async function retry(work, given) {
  const options = optionsOf("Async.retry", given, retryOptions);
  let delay = options.baseDelay;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= options.attempts || error?.name === "Cancelled") throw error;
      await options.onRetry?.(attempt, error);
    }
    await sleep(options.jitter ? delay * (1 - Math.random() / 2) : delay);
    delay = Math.min(delay * 2, options.maxDelay);
  }
}

class Timer {
  #stop;

  constructor(stop) {
    this.#stop = stop;
  }

  cancel() {
    return this.#stop();
  }
}

function after(seconds, work) {
  const id = startTimer(() => void NativePromise.resolve(work()).catch(failProgram), seconds * 1000, [], false);
  return new Timer(() => stopTimer(id));
}

/** Calls that do not overlap: the next pause begins when the last call has ended. */
function every(seconds, work) {
  let id;
  let isOver = false;
  const next = () => {
    id = startTimer(async () => {
      try {
        await work();
      } catch (error) {
        failProgram(error);
      }
      if (!isOver) next();
    }, seconds * 1000, [], false);
  };
  next();
  return new Timer(() => {
    const was = !isOver;
    isOver = true;
    stopTimer(id);
    return was;
  });
}

/** Give handles that give one thing after the other what `for await` asks for. */
function makeIterable(prototype) {
  defineProperty(prototype, Symbol.asyncIterator, {
    value() {
      const made = this;
      return {
        async next() {
          const value = await made.next();
          return value === null || value === undefined ? { value: undefined, done: true } : { value, done: false };
        },
        async return(value) {
          made.close();
          return { value, done: true };
        },
      };
    },
  });
}

class Stream {
  #produce;
  #buffer;
  #items = [];
  #producer;
  #iterator;
  #isOver = false;
  #isClosed = false;
  #problem;
  #waiting = [];

  constructor(produce, buffer) {
    this.#produce = produce;
    this.#buffer = buffer;
  }

  async next() {
    if (this.#isClosed) return null;
    this.#producer ??= this.#start();
    while (this.#items.length === 0 && !this.#isOver && !this.#isClosed) await this.#change();
    if (this.#items.length > 0) {
      const item = this.#items.shift();
      this.#changed();
      return item;
    }
    this.#isClosed = true;
    if (this.#problem) throw this.#problem.error;
    return null;
  }

  isDone() {
    return this.#isClosed || (this.#isOver && this.#items.length === 0 && !this.#problem);
  }

  async collect() {
    const items = [];
    for await (const item of this) items.push(item);
    return items;
  }

  close() {
    this.#isClosed = true;
    this.#items = [];
    if (this.#producer) cancel(this.#producer, "nobody takes more of the stream");
    this.#iterator?.return?.();
    this.#changed();
  }

  #start() {
    const producer = run(() => this.#run(), []);
    producer.then(
      () => this.#end(),
      (error) => {
        if (!this.#isClosed) this.#problem = { error };
        this.#end();
      },
    );
    return producer;
  }

  async #run() {
    const emit = (item) => this.#emit(item);
    const produced = this.#produce(emit);
    if (typeof produced?.[Symbol.asyncIterator] !== "function" && typeof produced?.next !== "function") return produced;
    this.#iterator = produced;
    for await (const item of produced) await emit(item);
  }

  async #emit(item) {
    if (this.#isClosed) throw hostError("Cancelled", "nobody takes more of the stream", undefined, this.#emit);
    this.#items.push(item);
    this.#changed();
    while (this.#items.length > this.#buffer && !this.#isClosed) await this.#change();
  }

  #end() {
    this.#isOver = true;
    this.#changed();
  }

  #change() {
    return new NativePromise((resolve) => this.#waiting.push(resolve));
  }

  #changed() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

makeIterable(Stream.prototype);
takeNothing(Timer, ["cancel"], []);
takeNothing(Stream, ["isDone", "close"], ["next", "collect"]);

/** Have the methods of a class of handles refuse arguments, as those of the host's handles do. */
function takeNothing(made, plain, waiting) {
  for (const name of [...plain, ...waiting]) {
    const method = made.prototype[name];
    const check = checker(`${made.name}.${name}`, []);
    const checked = waiting.includes(name)
      ? async function (...given) {
          check(given, checked);
          return method.call(this);
        }
      : function (...given) {
          check(given, checked);
          return method.call(this);
        };
    defineProperty(checked, "name", { value: name, configurable: true });
    defineProperty(made.prototype, name, { value: checked, writable: true, configurable: true });
  }
}

function namespace(name, members) {
  const made = create(create(ObjectPrototype, { [Symbol.toStringTag]: { value: name } }));
  for (const [member, parameters, work, waits] of members) {
    defineProperty(made, member, {
      value: declared(`${name}.${member}`, parameters, work, waits), writable: true, configurable: true,
    });
  }
  defineProperty(globalThis, name, { value: made, writable: true, configurable: true });
}

namespace("Async", [
  ["run", ["function function", "..."], (work, ...values) => run(work, values)],
  ["sleep", ["seconds number"], (seconds) => sleep(seconds)],
  ["timeout", ["work work", "seconds number"], timeout, true],
  ["retry", ["function function", "options? table"], retry, true],
  ["all", ["work list"], atOnce((promises) => NativePromise.all(promises)), true],
  ["race", ["work list"], atOnce((promises) => NativePromise.race(promises)), true],
  ["any", ["work list"], atOnce((promises) => NativePromise.any(promises)), true],
  ["allSettled", ["work list"], atOnce((promises) => NativePromise.allSettled(promises)), true],
  ["cancel", ["promise promise", "reason? string"], (promise, reason) => cancel(promise, reason)],
  ["after", ["seconds number", "function function"], after],
  ["every", ["seconds number", "function function"], every],
  ["yield", [], () => sleep(0), true],
]);

namespace("Streaming", [
  ["create", ["producer function", "options? table"], (producer, given) => {
    const options = optionsOf("Streaming.create", given, { buffer: ["number", 16] });
    return new Stream(producer, options.buffer);
  }],
]);

