// What the host calls -------------------------------------------------------------------------------

const box = create(null); // what the host puts down for here, where no script reaches
globalThis.$box = box;
const program = { state: "waiting", value: undefined };
let piece = 0; // how many pieces a session has had; what an interrupted one comes to counts no more
let entered; // the value of the last piece

const constants = new OwnSet(); // the names that pieces of a session have declared as constants
let declaring = []; // those of the piece that runs
const tryDefine = Reflect.defineProperty;

/** Let nobody assign to the constants of the piece that has run. */
function hold() {
  for (const name of declaring)
    if (hasOwn(globalThis, name) && tryDefine(globalThis, name, { __proto__: null, writable: false }))
      constants.add(name);
  declaring = [];
}

/** End the program with an error that no code of it can catch. */
function failProgram(error) {
  if (program.state === "failed") return;
  program.state = "failed";
  program.value = error;
}

globalThis.$llmspell = {
  install(text) {
    for (const [name, value] of Object.entries(unpack(text))) define(globalThis, name, value);
  },
  installInvocation(text) {
    const [argv, named] = unpack(text);
    installArguments(argv, named);
    installProcess(argv);
  },
  run(path) {
    program.state = "running";
    import(path).then(
      () => {
        if (program.state === "running") program.state = "done";
      },
      failProgram,
    );
  },
  /** Make way for the names of a piece: see `Use` in javascript_pieces.py. */
  declare(text) {
    hold();
    const { assigned = [], declared = [], function: functions = [], constant = [] } = parse(text);
    for (const name of [...declared, ...functions, ...constant])
      if (constants.delete(name)) tryDefine(globalThis, name, { __proto__: null, writable: true });
    for (const name of [...assigned, ...declared])
      if (!(name in globalThis)) define(globalThis, name, undefined);
    declaring = constant;
  },
  /** Run a piece of a session: a module whose default export is its value. */
  enter(path) {
    program.state = "running";
    program.value = entered = undefined;
    scope = program_scope;
    const number = ++piece;
    import(path).then((made) => made.default).then(
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
  rest() {
    program.state = "done";
    program.value = undefined;
  },
  entered() {
    if (entered === undefined) return stringify([null, null]);
    return stringify([inspect(entered), format([entered])]);
  },
  enteredValue: () => safely(() => flat("1", pack(entered))),
  state: () => program.state,
  /** What ended the program; of values that the host's module does not know, their text. */
  thrown() {
    const { value } = program;
    return ["bigint", "symbol", "string"].includes(typeof value) ? flat(String(value), "") : value;
  },
  leaveOut: (text) => parse(text).forEach(leaveOut),
  takeRejection(name) {
    program.value = box[name];
    delete box[name];
    return program.value?.name !== "Cancelled"; // what was cancelled is no fault
  },
  failure: () => stringify(describe(program.value)),
  evaluate: (text) => safely(() => flat("1", pack((0, eval)(text)))),
  settle,
  answerCall, giveUpCall,
  call: (number, text) => safely(() => flat("1", pack(held.get(number)(...unpack(text))))),
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
    globalThis[name] = (site) => Boolean(functionOfSite(site));
  },
};
