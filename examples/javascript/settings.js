// Settings: what the command line, the environment and llmspell.toml say, the nearest to the run winning.
//
//   llmspell run examples/javascript/settings.js --config examples/llmspell-example.toml --param topic=rivers -- one two

console.log(`topic:\t${ARGS.topic}`);
console.log(`arguments:\t${[...ARGS].join(", ")}`);

const [desk, repairs] = [Config.get("agents.desk.model"), Config.get("agents.repairs.model")];
console.log(`calls at most:\t${Config.get("run.max_calls", "no limit")}`);
console.log(`prompts:\t${Prompt.list().length}`);
console.log(`agents of the configuration:\t${desk}\t${repairs}`);

const [inside, outside] = ["examples/data/bees.txt", "/etc/passwd"].map((path) => Config.isFileAccessAllowed(path));
console.log(`may read:\t${inside}\t${outside}`);
