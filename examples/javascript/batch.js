// A batch: many items, a few agents at a time, progress as they are done, and the failures told at the end.
//
//   llmspell run examples/javascript/batch.js --scripted examples/scripted.yaml

const pool = Agent.pool({ name: "translators", agent: { model: "scripted/translator" }, size: 4 });

const words = Array.from({ length: 12 }, (_, index) => (index === 6 ? "???" : `word ${index + 1}`));

let done = 0;
async function translate(word) {
  try {
    return { word, ok: true, text: (await pool.execute(word)).text };
  } catch (problem) {
    return { word, ok: false, text: problem.message };
  } finally {
    done += 1;
    if (done % 4 === 0) console.log(`${done} of ${words.length}`);
  }
}

const results = await Promise.all(words.map(translate));
const translated = results.filter((result) => result.ok);
const failed = results.filter((result) => !result.ok);
console.log(`failed: ${failed.map((result) => `${result.word} (${result.text})`).join(", ")}`);
console.log(`${translated.length} translated; the last is: ${translated.at(-1).text}`);
