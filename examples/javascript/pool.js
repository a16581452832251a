// A pool answers many prompts with few agents at a time; the answers come in the order of the prompts.
//
//   llmspell run examples/javascript/pool.js

const pool = Agent.pool({ name: "translators", agent: { model: "echo" }, size: 3 });

const prompts = Array.from({ length: 10 }, (_, index) => `sentence ${index + 1}`);

const answers = await pool.map(prompts);
console.log(`${answers.length} answers, the last is: ${answers.at(-1).text}`);
