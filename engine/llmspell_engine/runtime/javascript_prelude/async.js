// Async and Streaming -------------------------------------------------------------------------------

function argumentError(message, above) {
  return hostError("ArgumentError", message, undefined, above);
}

const fitting = {
  __proto__: null,
  function: (value) => typeof value === "function",
  number: (value) => typeof value === "number" && value >= 0,
  count: (value) => typeof value === "number" && value >= 1 && value % 1 === 0,
  size: (value) => typeof value === "number" && value >= 0 && value <= 100000 && value % 1 === 0,
  string: (value) => typeof value === "string",
  table: (value) => typeof value === "object" && !isArray(value),
  list: (value) => isArray(value),
  promise: (value) => isPromise(value),
  work: (value) => typeof value === "function" || typeof value?.then === "function",
  boolean: (value) => typeof value === "boolean",
};
const kindsInWords = {
  __proto__: null,
  function: "a function", number: "a number of at least 0", string: "a string", table: "an object",
  list: "a list", promise: "a promise", work: "a function or a promise", boolean: "true or false",
  count: "an integer of at least 1", size: "an integer of at least 0, and of at most 100000",
};

function shownValue(value) {
  if (typeof value === "string") return stringify(value);
  if (value === null || value === undefined) return asText(value);
  if (typeof value === "number" || typeof value === "boolean") return asText(value);
  return isArray(value) ? "a list" : typeof value === "object" ? "an object" : "a " + typeof value;
}

/** Checks arguments in the words that the host's members use. Parameters are `name kind`, `name? kind`, `...`. */
function checker(where, parameters) {
  const named = bare([]);
  for (let index = 0; index < parameters.length; index++) {
    if (parameters[index] !== "...") named[named.length] = parted(parameters[index], " ");
  }
  const words = joined(mapped(parameters, (text) => parted(text, " ")[0]), ", ");
  const many = named.length < parameters.length;
  const listed = named.length
    ? named.length + " argument" + (named.length > 1 ? "s" : "") + " (" + words + ")"
    : "no arguments";
  return (given, above) => {
    let count = given.length;
    while (count > named.length && !many && given[count - 1] === undefined) count -= 1;
    if (count > named.length && !many) {
      throw argumentError(where + " takes " + listed + ", but " + count + " were given", above);
    }
    for (let index = 0; index < named.length; index++) {
      const name = named[index][0];
      const kind = named[index][1];
      const value = given[index] ?? undefined;
      if (value === undefined) {
        if (holds(name, "?")) continue;
        throw argumentError(where + ": '" + name + "' is missing; it takes " + listed, above);
      }
      if (!fitting[kind](value)) {
        const what = "'" + replaced(name, "?", "") + "' must be " + kindsInWords[kind];
        throw argumentError(where + ": " + what + ", but " + shownValue(value) + " was given", above);
      }
    }
  };
}

/** A function of the API with its arguments checked; one that waits rejects what it gives. */
function declared(where, parameters, work, waits) {
  const check = checker(where, parameters);
  const made = waits
    ? async (...given) => (check(given, made), apply(work, undefined, given))
    : (...given) => (check(given, made), apply(work, undefined, given));
  return defineProperty(made, "name", { value: parted(where, ".")[1], configurable: true });
}

/** Options with their defaults. What there is, is told as kind and default by name. */
function optionsOf(where, given, known) {
  const options = create(null);
  const names = keys(known);
  for (let index = 0; index < names.length; index++) options[names[index]] = known[names[index]][1];
  const asked = given ? keys(given) : bare([]);
  for (let index = 0; index < asked.length; index++) {
    const key = asked[index];
    const value = given[key];
    if (!known[key]) {
      const problem = ": there is no 'options." + key + "'; there is " + joined(names, ", ");
      throw argumentError(where + problem, optionsOf);
    }
    if (value === undefined) continue;
    const kind = known[key][0];
    if (!fitting[kind](value)) {
      const what = "'options." + key + "' must be " + kindsInWords[kind] + ", but " + shownValue(value) + " was given";
      throw argumentError(where + ": " + what, optionsOf);
    }
    options[key] = value;
  }
  return options;
}

function started(work) {
  return typeof work === "function" ? run(work, bare([])) : settled(work);
}

// What several promises come to, as `Promise.all` and its like do it: those call what scripts can change.

function gathered(promises, isOver) {
  return new NativePromise((resolve, reject) => {
    const values = [];
    let missing = promises.length;
    for (let index = 0; index < promises.length; index++) added(values, undefined);
    if (missing === 0) resolve(values);
    for (let index = 0; index < promises.length; index++) {
      isOver(promises[index], (value) => {
        place(values, index, value);
        missing -= 1;
        if (missing === 0) resolve(values);
      }, reject);
    }
  });
}

const combined = {
  __proto__: null,
  all: (promises) => gathered(promises, followed),
  allSettled: (promises) => gathered(promises, (promise, note) => followed(
    promise,
    (value) => note({ status: "fulfilled", value }),
    (reason) => note({ status: "rejected", reason }),
  )),
  race: (promises) => new NativePromise((resolve, reject) => {
    for (let index = 0; index < promises.length; index++) followed(promises[index], resolve, reject);
  }),
  any: (promises) => new NativePromise((resolve, reject) => {
    const fail = (reasons) => {
      const error = setPrototypeOf(new NativeError("All promises were rejected"), AggregateErrorPrototype);
      defineProperty(error, "errors", { value: reasons, writable: true, configurable: true });
      reject(error);
    };
    const failed = gathered(promises, (promise, note, stop) => followed(promise, stop, note));
    followed(failed, fail, resolve);
  }),
};

/** Wait for what several promises come to; then those that are left are cancelled. */
function atOnce(combine) {
  return async (work) => {
    for (let index = 0; index < work.length; index++) {
      if (!fitting.work(work[index])) {
        const what = "'work[" + index + "]' must be " + kindsInWords.work;
        throw argumentError("Async: " + what + ", but " + shownValue(work[index]) + " was given", atOnce);
      }
    }
    const promises = mapped(work, started);
    try {
      return await combine(promises);
    } finally {
      for (let index = 0; index < promises.length; index++) {
        unheard(promises[index]);
        cancel(promises[index], "what it was for has ended");
      }
    }
  };
}

async function timeout(work, seconds) {
  const promise = started(work);
  const pause = sleep(seconds);
  let ranOut = false;
  const limit = followed(pause, () => { ranOut = true; }, () => undefined);
  const ended = followed(promise, () => undefined, () => undefined);
  await combined.race(bare([ended, limit]));
  if (!ranOut) {
    cancel(pause);
    return promise;
  }
  unheard(promise);
  cancel(promise, "it took too long");
  throw hostError("TimeoutError", "the work took longer than " + seconds + " seconds", undefined, timeout);
}

const retryOptions = {
  __proto__: null,
  attempts: bare(["count", 3]), baseDelay: bare(["number", 0.5]), maxDelay: bare(["number", 30]),
  jitter: bare(["boolean", true]), onRetry: bare(["function", undefined]),
};
const streamOptions = { __proto__: null, buffer: bare(["size", 16]) };

async function retry(work, given) {
  const options = optionsOf("Async.retry", given, retryOptions);
  let delay = options.baseDelay;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= options.attempts || error?.name === "Cancelled") throw error;
      if (options.onRetry) await apply(options.onRetry, undefined, bare([attempt, error]));
    }
    await sleep(options.jitter ? delay * (1 - random() / 2) : delay);
    delay = min(delay * 2, options.maxDelay);
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
  const call = () => void followed(settled(work()), undefined, failProgram);
  const id = startTimer(call, seconds * 1000, bare([]), false);
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
    }, seconds * 1000, bare([]), false);
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
  defineProperty(prototype, asyncIterator, {
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
  #items = new OwnMap(); // by number, from #first to #last
  #first = 0;
  #last = 0;
  #producer;
  #iterator;
  #isOver = false;
  #isClosed = false;
  #problem;
  #waiting = bare([]);

  constructor(produce, buffer) {
    this.#produce = produce;
    this.#buffer = buffer;
  }

  next() {
    return this.#next();
  }

  async #next() {
    if (this.#isClosed) return null;
    this.#producer ??= this.#start();
    while (this.#isEmpty() && !this.#isOver && !this.#isClosed) await this.#change();
    if (!this.#isEmpty()) {
      const item = this.#items.get(this.#first);
      this.#items.delete(this.#first++);
      this.#changed();
      return item;
    }
    this.#isClosed = true;
    if (this.#problem) throw this.#problem.error;
    return null;
  }

  isDone() {
    return this.#isClosed || (this.#isOver && this.#isEmpty() && !this.#problem);
  }

  async collect() {
    const items = [];
    for (let item = await this.#next(); item !== null && item !== undefined; item = await this.#next()) {
      added(items, item);
    }
    return items;
  }

  close() {
    this.#isClosed = true;
    this.#first = this.#last;
    this.#items.clear();
    if (this.#producer) cancel(this.#producer, "nobody takes more of the stream");
    this.#iterator?.return?.();
    this.#changed();
  }

  #start() {
    const producer = run(() => this.#run(), bare([]));
    followed(
      producer,
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
    if (typeof produced?.[asyncIterator] !== "function" && typeof produced?.next !== "function") return produced;
    this.#iterator = produced;
    for await (const item of produced) await emit(item);
  }

  async #emit(item) {
    if (this.#isClosed) throw hostError("Cancelled", "nobody takes more of the stream", undefined, this.#emit);
    this.#items.set(this.#last++, item);
    this.#changed();
    while (this.#last - this.#first > this.#buffer && !this.#isClosed) await this.#change();
  }

  #end() {
    this.#isOver = true;
    this.#changed();
  }

  #isEmpty() {
    return this.#first === this.#last;
  }

  #change() {
    return new NativePromise((resolve) => {
      this.#waiting[this.#waiting.length] = resolve;
    });
  }

  #changed() {
    const waiting = this.#waiting;
    this.#waiting = bare([]);
    for (let index = 0; index < waiting.length; index++) waiting[index]();
  }
}

makeIterable(Stream.prototype);
takeNothing(Timer, "Timer", bare(["cancel"]), false);
takeNothing(Stream, "Stream", bare(["isDone", "close"]), false);
takeNothing(Stream, "Stream", bare(["next", "collect"]), true);

/** Have methods of a class of handles refuse arguments, as those of the host's handles do. */
function takeNothing(made, label, names, waits) {
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const method = made.prototype[name];
    const check = checker(label + "." + name, bare([]));
    const checked = waits
      ? async function (...given) {
          check(given, checked);
          return apply(method, this, bare([]));
        }
      : function (...given) {
          check(given, checked);
          return apply(method, this, bare([]));
        };
    defineProperty(checked, "name", { value: name, configurable: true });
    defineProperty(made.prototype, name, { value: checked, writable: true, configurable: true });
  }
}

function namespace(name, members) {
  const made = create(create(ObjectPrototype, { [toStringTag]: { value: name } }));
  for (let index = 0; index < members.length; index++) {
    const member = members[index];
    const value = declared(name + "." + member[0], member[1], member[2], member[3]);
    defineProperty(made, member[0], { value, writable: true, configurable: true });
  }
  defineProperty(globalThis, name, { value: made, writable: true, configurable: true });
}

namespace("Async", [
  ["run", ["function function", "..."], (work, ...values) => run(work, values)],
  ["sleep", ["seconds number"], (seconds) => sleep(seconds)],
  ["timeout", ["work work", "seconds number"], timeout, true],
  ["retry", ["function function", "options? table"], retry, true],
  ["all", ["work list"], atOnce(combined.all), true],
  ["race", ["work list"], atOnce(combined.race), true],
  ["any", ["work list"], atOnce(combined.any), true],
  ["allSettled", ["work list"], atOnce(combined.allSettled), true],
  ["cancel", ["promise promise", "reason? string"], (promise, reason) => cancel(promise, reason)],
  ["after", ["seconds number", "function function"], after],
  ["every", ["seconds number", "function function"], every],
  ["yield", [], () => sleep(0), true],
]);

namespace("Streaming", [
  ["create", ["producer function", "options? table"], (producer, given) => {
    return new Stream(producer, optionsOf("Streaming.create", given, streamOptions).buffer);
  }],
]);

