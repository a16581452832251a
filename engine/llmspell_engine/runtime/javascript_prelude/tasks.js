// Waiting -------------------------------------------------------------------------------------------
//
// A call that waits begins an operation on the host's event loop and gives a promise; the host settles it
// by its ticket. Each operation belongs to a *scope*: what `Async.run` started, or the program. JavaScript
// tells nobody in which async function it is, but the host runs all jobs that follow from one operation
// before it settles the next, so they are in the scope of that operation. Cancelling a scope cancels its
// operations: what awaits them gets the error, and its `finally` blocks run.

const tickets = new OwnMap(); // what is under way, by ticket
const operations = new OwnWeakMap(); // the promises of operations, to their tickets
const requests = new OwnMap(); // the promises of functions that the host has asked for, by the number of the request
const runs = new OwnWeakMap(); // the promises of Async.run, to their scopes
const NativePromise = Promise;
const settled = Promise.resolve.bind(Promise);
const rejected = Promise.reject.bind(Promise);
const followed = uncurried(Promise.prototype.then);
const forEach = uncurried(Set.prototype.forEach);
const forEachOf = uncurried(Map.prototype.forEach);
const program_scope = { __proto__: null, parent: null, tickets: new OwnSet(), children: new OwnSet(), isOver: false };
let scope = program_scope;

function openScope(parent) {
  const made = {
    __proto__: null, parent, tickets: new OwnSet(), children: new OwnSet(), isOver: false, cancelled: undefined,
  };
  parent.children.add(made);
  return made;
}

function closeScope(closed) {
  closed.isOver = true;
  closed.parent.children.delete(closed);
}

/** The innermost scope around one that is still open. */
function openAround(given) {
  while (given.isOver) given = given.parent;
  return given;
}

function ask(...words) {
  return answer(askTasks(stringify(bare(words))), undefined);
}

/** Wait for an operation that has begun. `site` has the stack of the call. */
function pending(ticket, site) {
  const entry = { scope, site };
  const promise = new NativePromise((resolve, reject) => {
    entry.resolve = resolve;
    entry.reject = reject;
  });
  tickets.set(ticket, entry);
  scope.tickets.add(ticket);
  operations.set(promise, ticket);
  return promise;
}

/** Take a signal out of the options of a call; the call without it. */
function withoutSignal(values) {
  const last = values[values.length - 1];
  const signal = last !== null && typeof last === "object" && !objectNumbers.has(last) ? last.signal : undefined;
  if (signal === undefined || !(signal instanceof AbortSignal)) return [values, undefined];
  const { signal: _, ...rest } = last;
  const others = sliced(values, 0, -1);
  if (keys(rest).length > 0 || others.length === 0) others[others.length] = rest;
  return [others, signal];
}

/** Call a function of the host that waits; a promise of its result, which all errors reject. */
function begin(number, given, above, label) {
  const site = {};
  captureStackTrace(site, above);
  try {
    const found = withoutSignal(given);
    const values = found[0];
    const signal = found[1];
    signal?.throwIfAborted();
    scope = openAround(scope);
    if (scope.cancelled !== undefined) throw hostError("Cancelled", scope.cancelled, undefined, above);
    const text = host(number, packed(values, above, label));
    if (text[0] !== "P") return settled(answer(text, above));
    const ticket = +cut(text, 1);
    const promise = pending(ticket, site);
    signal?.addEventListener("abort", () => abort(ticket, signal.reason));
    return promise;
  } catch (error) {
    return rejected(error);
  }
}

/** End an operation because of a signal: its promise is rejected with the signal's reason. */
function abort(ticket, reason) {
  const entry = tickets.get(ticket);
  if (entry === undefined) return;
  entry.reject(reason);
  ask("cancel", ticket, described(reason?.message ?? reason));
}

/** The host has an operation's end. */
function settle(ticket, text) {
  const entry = tickets.get(ticket);
  if (entry === undefined) return; // begun by the host, for itself
  tickets.delete(ticket);
  entry.scope.tickets.delete(ticket);
  scope = openAround(entry.scope);
  try {
    entry.resolve(answer(text, settle));
  } catch (error) {
    // What the script has thrown itself, in a function that the host called, has its own stack.
    if (text[0] === "E" && error instanceof NativeError && entry.site) {
      defineProperty(error, "stack", { value: entry.site.stack, configurable: true, writable: true });
    }
    entry.reject(error);
  }
}

/** The host asks for a function of the script to be called; it hears of the end of what that gives. */
function answerCall(number, text, request) {
  scope = program_scope;
  const work = run(held.get(number), unpack(text));
  const end = (result) => {
    requests.delete(request);
    ask("answer", request, safely(result));
  };
  requests.set(request, work);
  followed(work, (value) => end(() => flat("1", pack(value))), (error) => end(() => { throw error; }));
}

/** Whoever asked for a function was cancelled: what that waits for is cancelled too. */
function giveUpCall(request) {
  cancel(requests.get(request), "who asked for it was cancelled");
}

function cancelScope(cancelled, reason) {
  cancelled.cancelled = reason;
  forEach(cancelled.tickets, (ticket) => ask("cancel", ticket, reason));
  forEach(cancelled.children, (child) => cancelScope(child, reason));
}

function hasTickets(asked) {
  let found = asked.tickets.size > 0;
  forEach(asked.children, (child) => {
    found ||= hasTickets(child);
  });
  return found;
}

function cancel(promise, reason = "the work was cancelled") {
  const ticket = operations.get(promise);
  if (ticket !== undefined) {
    const isUnderWay = tickets.has(ticket);
    if (isUnderWay) ask("cancel", ticket, String(reason));
    return isUnderWay;
  }
  const run = runs.get(promise);
  if (run === undefined || run.scope.isOver) return false;
  const isWaiting = hasTickets(run.scope);
  cancelScope(run.scope, String(reason));
  if (!isWaiting) run.reject(hostError("Cancelled", String(reason), undefined, cancel));
  return true;
}

/** Start a function in a scope of its own. */
function run(work, values) {
  const outside = scope;
  const inside = openScope(openAround(scope));
  let reject;
  const promise = new NativePromise((resolve, fail) => {
    reject = fail;
    const end = (settleWith) => (value) => {
      closeScope(inside);
      settleWith(value);
    };
    scope = inside;
    try {
      followed(settled(apply(work, undefined, values)), end(resolve), end(fail));
    } catch (error) {
      end(fail)(error);
    } finally {
      scope = outside;
    }
  });
  runs.set(promise, { scope: inside, reject });
  return promise;
}

function sleep(seconds) {
  const site = {};
  captureStackTrace(site, sleep);
  return pending(ask("sleep", seconds), site);
}

// Timers --------------------------------------------------------------------------------------------

const timers_running = new Map(); // by id: the ticket of the pause
let lastTimer = 0;

function startTimer(work, milliseconds, values, repeats) {
  if (typeof work !== "function") throw hostError("TypeError", "a timer takes a function", undefined, startTimer);
  const id = ++lastTimer;
  const seconds = Math.max(Number(milliseconds) || 0, 0) / 1000;
  const next = () => {
    const ticket = ask("sleep", seconds);
    timers_running.set(id, ticket);
    const entry = {
      scope,
      resolve() {
        if (repeats) next();
        else timers_running.delete(id);
        try {
          work(...values);
        } catch (error) {
          failProgram(error);
        }
      },
      reject: () => timers_running.delete(id),
    };
    tickets.set(ticket, entry);
    scope.tickets.add(ticket);
  };
  next();
  return id;
}

function stopTimer(id) {
  const ticket = timers_running.get(id);
  timers_running.delete(id);
  if (ticket !== undefined) ask("cancel", ticket, "the timer was cleared");
  return ticket !== undefined;
}

const timerGlobals = {
  setTimeout: (work, milliseconds, ...values) => startTimer(work, milliseconds, values, false),
  setInterval: (work, milliseconds, ...values) => startTimer(work, milliseconds, values, true),
  setImmediate: (work, ...values) => startTimer(work, 0, values, false),
  clearTimeout: (id) => void stopTimer(id),
  clearInterval: (id) => void stopTimer(id),
  clearImmediate: (id) => void stopTimer(id),
  queueMicrotask: (work) => void NativePromise.resolve().then(() => work()).catch(failProgram),
};

// Signals -------------------------------------------------------------------------------------------

const OPEN = Symbol("only controllers make signals");

class AbortSignal {
  #listeners = new Set();
  aborted = false;
  reason = undefined;
  onabort = null;

  constructor(key) {
    if (key !== OPEN) throw new TypeError("Illegal constructor: an AbortController makes signals");
  }

  addEventListener(type, listener) {
    if (type === "abort") this.#listeners.add(listener);
  }

  removeEventListener(type, listener) {
    if (type === "abort") this.#listeners.delete(listener);
  }

  throwIfAborted() {
    if (this.aborted) throw this.reason;
  }

  static abortNow(signal, reason) {
    if (signal.aborted) return;
    signal.aborted = true;
    signal.reason = reason ?? hostError("AbortError", "the operation was aborted", undefined, AbortSignal.abortNow);
    const event = { type: "abort", target: signal };
    for (const listener of [signal.onabort, ...signal.#listeners]) {
      if (typeof listener === "function") listener.call(signal, event);
      else listener?.handleEvent(event);
    }
  }

  static abort(reason) {
    const signal = new AbortSignal(OPEN);
    abortSignal(signal, reason);
    return signal;
  }

  static timeout(milliseconds) {
    const signal = new AbortSignal(OPEN);
    startTimer(() => {
      abortSignal(signal, hostError("TimeoutError", "the operation took too long", undefined, startTimer));
    }, milliseconds, [], false);
    return signal;
  }

  static any(signals) {
    const signal = new AbortSignal(OPEN);
    for (const one of signals) {
      if (one.aborted) abortSignal(signal, one.reason);
      else one.addEventListener("abort", () => abortSignal(signal, one.reason));
    }
    return signal;
  }
}

const abortSignal = AbortSignal.abortNow;
delete AbortSignal.abortNow;

class AbortController {
  signal = new AbortSignal(OPEN);

  abort(reason) {
    abortSignal(this.signal, reason);
  }
}

for (const [name, value] of Object.entries({ ...timerGlobals, AbortController, AbortSignal })) {
  defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

