// What the host calls -------------------------------------------------------------------------------

const box = create(null); // what the host puts down for here, where no script reaches
globalThis.$box = box;
const program = { __proto__: null, state: "waiting", value: undefined };
let piece = 0; // how many pieces a session has had; what an interrupted one comes to counts no more
let entered; // the value of the last piece

const constants = new OwnSet(); // the names that pieces of a session have declared as constants
let declaring = bare([]); // those of the piece that runs
const tryDefine = Reflect.defineProperty;
const evaluated = globalThis.eval; // not called by its name, so that it sees globals only

/** Let nobody assign to the constants of the piece that has run. */
function hold() {
  for (let index = 0; index < declaring.length; index++) {
    const name = declaring[index];
    if (hasOwn(globalThis, name) && tryDefine(globalThis, name, { __proto__: null, writable: false })) {
      constants.add(name);
    }
  }
  declaring = bare([]);
}

/** Let the constants among some names be declared anew, and define those that are not there where asked for. */
function makeWay(names, defines, frees) {
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (frees && constants.delete(name)) tryDefine(globalThis, name, { __proto__: null, writable: true });
    if (defines && !(name in globalThis)) define(globalThis, name, undefined);
  }
}

/** End the program with an error that no code of it can catch. */
function failProgram(error) {
  if (program.state === "failed") return;
  program.state = "failed";
  program.value = error;
}

globalThis.$llmspell = {
  install(text) {
    const given = unpack(text);
    const names = keys(given);
    for (let index = 0; index < names.length; index++) define(globalThis, names[index], given[names[index]]);
  },
  installInvocation(text) {
    const given = unpack(text);
    installArguments(given[0], given[1]);
    installProcess(given[0]);
  },
  run(path) {
    program.state = "running";
    followed(
      import(path),
      () => {
        if (program.state === "running") program.state = "done";
      },
      failProgram,
    );
  },
  /** Make way for the names of a piece: see `Use` in javascript_pieces.py. */
  declare(text) {
    hold();
    const names = setPrototypeOf(parse(text), null);
    makeWay(names.assigned ?? bare([]), true, false);
    makeWay(names.declared ?? bare([]), true, true);
    makeWay(names.function ?? bare([]), false, true);
    makeWay(names.constant ?? bare([]), false, true);
    declaring = names.constant ?? bare([]);
  },
  /** Run a piece of a session: a module whose default export is its value. */
  enter(path) {
    program.state = "running";
    program.value = entered = undefined;
    scope = program_scope;
    const number = ++piece;
    followed(
      followed(import(path), (made) => made.default),
      (value) => {
        if (program.state !== "running" || number !== piece) return;
        hold();
        program.state = "done";
        entered = value;
      },
      (error) => {
        if (number !== piece) return;
        hold();
        failProgram(error);
      },
    );
  },
  /** The piece has ended; what an interrupted one comes to later is of no matter. */
  rest() {
    piece++;
    program.state = "done";
    program.value = undefined;
  },
  entered() {
    if (entered === undefined) return stringify(bare([null, null]));
    return stringify(bare([inspect(entered), format(bare([entered]))]));
  },
  enteredValue: () => safely(() => flat("1", pack(entered))),
  state: () => program.state,
  /** What ended the program; of values that the host's module does not know, their text. */
  thrown() {
    const { value } = program;
    const kind = typeof value;
    return kind === "bigint" || kind === "symbol" || kind === "string" ? flat(asText(value), "") : value;
  },
  leaveOut: (text) => void mapped(parse(text), leaveOut),
  takeRejection(name) {
    program.value = box[name];
    delete box[name];
    return program.value?.name !== "Cancelled"; // what was cancelled is no fault
  },
  failure: () => stringify(describe(program.value)),
  evaluate: (text) => safely(() => flat("1", pack(evaluated(text)))),
  settle,
  answerCall, giveUpCall,
  call: (number, text) => safely(() => flat("1", pack(apply(held.get(number), undefined, unpack(text))))),
  release: (number) => {
    held.delete(number);
  },
  /** The stack of the call that has been waited for the longest. */
  waitingAt() {
    let found = "";
    forEachOf(tickets, (entry) => {
      if (found === "" && typeof entry.site?.stack === "string") found = entry.site.stack;
    });
    return found;
  },
  stack: () => stackOf(new NativeError("")),
  /** The stack of an error of the engine itself. Nothing of the script's is called for it. */
  stackOf(name) {
    const stack = stackOf(box[name]);
    delete box[name];
    return typeof stack === "string" ? stack : "";
  },
  /** Let the debugger take from a global what tells of a call site whether it is in a function. */
  lend(name) {
    globalThis[name] = (site) => !!functionOfSite(site);
  },
};
