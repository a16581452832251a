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

/** Let nobody be told of a promise's error. */
function unheard(promise) {
  followed(promise, undefined, () => undefined);
}

/** Wait for an operation that has begun. `site` has the stack of the call. */
function pending(ticket, site) {
  const entry = { __proto__: null, scope, site };
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
  if (signal === undefined || !isSignal(signal)) return bare([values, undefined]);
  const { signal: _, ...options } = last;
  const others = bare([]);
  for (let index = 0; index < values.length - 1; index++) others[index] = values[index];
  if (keys(options).length > 0 || others.length === 0) others[others.length] = options;
  return bare([others, signal]);
}

/** Call a function of the host that waits; a promise of its result, which all errors reject. */
function begin(number, given, above, label) {
  const site = {};
  captureStackTrace(site, above);
  try {
    const found = withoutSignal(given);
    const values = found[0];
    const signal = found[1];
    if (signal?.aborted) throw signal.reason;
    scope = openAround(scope);
    if (scope.cancelled !== undefined) throw hostError("Cancelled", scope.cancelled, undefined, above);
    const text = host(number, packed(values, above, label));
    if (text[0] !== "P") return settled(answer(text, above));
    const ticket = +cut(text, 1);
    const promise = pending(ticket, site);
    if (signal) listen(signal, () => abort(ticket, signal.reason));
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
    if (text[0] === "E" && isError(error) && entry.site) {
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
    if (isUnderWay) ask("cancel", ticket, asText(reason));
    return isUnderWay;
  }
  const run = runs.get(promise);
  if (run === undefined || run.scope.isOver) return false;
  const isWaiting = hasTickets(run.scope);
  cancelScope(run.scope, asText(reason));
  if (!isWaiting) run.reject(hostError("Cancelled", asText(reason), undefined, cancel));
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
  runs.set(promise, { __proto__: null, scope: inside, reject });
  return promise;
}

function sleep(seconds) {
  const site = {};
  captureStackTrace(site, sleep);
  return pending(ask("sleep", seconds), site);
}

// Timers --------------------------------------------------------------------------------------------

const timers_running = new OwnMap(); // by id: the ticket of the pause
let lastTimer = 0;

function startTimer(work, milliseconds, values, repeats) {
  if (typeof work !== "function") throw hostError("TypeError", "a timer takes a function", undefined, startTimer);
  const id = ++lastTimer;
  const seconds = max(asNumber(milliseconds) || 0, 0) / 1000;
  const next = () => {
    const ticket = ask("sleep", seconds);
    timers_running.set(id, ticket);
    const entry = {
      __proto__: null,
      scope,
      resolve() {
        if (repeats) next();
        else timers_running.delete(id);
        try {
          apply(work, undefined, values);
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
  __proto__: null,
  setTimeout: (work, milliseconds, ...values) => startTimer(work, milliseconds, values, false),
  setInterval: (work, milliseconds, ...values) => startTimer(work, milliseconds, values, true),
  setImmediate: (work, ...values) => startTimer(work, 0, values, false),
  clearTimeout: (id) => void stopTimer(id),
  clearInterval: (id) => void stopTimer(id),
  clearImmediate: (id) => void stopTimer(id),
  queueMicrotask: (work) => void followed(followed(settled(), () => work()), undefined, failProgram),
};

// Signals -------------------------------------------------------------------------------------------

const OPEN = Symbol("only controllers make signals");
let listen; // call a function when a signal is aborted
let abortSignal;
let newSignal;

class AbortSignal {
  #listeners = new OwnSet();
  aborted = false;
  reason = undefined;
  onabort = null;

  constructor(key) {
    if (key !== OPEN) throw new NativeTypeError("Illegal constructor: an AbortController makes signals");
  }

  static {
    listen = (signal, listener) => signal.#listeners.add(listener);
    newSignal = () => new AbortSignal(OPEN);
    abortSignal = (signal, reason) => {
      if (signal.aborted) return;
      signal.aborted = true;
      signal.reason = reason ?? hostError("AbortError", "the operation was aborted", undefined, abortSignal);
      const event = { type: "abort", target: signal };
      const tell = (listener) => {
        if (typeof listener === "function") apply(listener, signal, bare([event]));
        else listener?.handleEvent(event);
      };
      tell(signal.onabort);
      const listeners = elementsOf(signal.#listeners);
      for (let index = 0; index < listeners.length; index++) tell(listeners[index]);
    };
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

  static abort(reason) {
    const signal = newSignal();
    abortSignal(signal, reason);
    return signal;
  }

  static timeout(milliseconds) {
    const signal = newSignal();
    startTimer(() => {
      abortSignal(signal, hostError("TimeoutError", "the operation took too long", undefined, startTimer));
    }, milliseconds, bare([]), false);
    return signal;
  }

  static any(signals) {
    const signal = newSignal();
    for (let index = 0; index < signals.length; index++) {
      const one = signals[index];
      if (one.aborted) abortSignal(signal, one.reason);
      else listen(one, () => abortSignal(signal, one.reason));
    }
    return signal;
  }
}

const isSignal = kindOf(AbortSignal);

class AbortController {
  signal = newSignal();

  abort(reason) {
    abortSignal(this.signal, reason);
  }
}

const taskGlobals = { ...timerGlobals, AbortController, AbortSignal };
for (const name of keys(taskGlobals)) define(globalThis, name, taskGlobals[name]);

