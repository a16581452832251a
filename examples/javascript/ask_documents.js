// Questions about documents: the agent searches with a tool of the script and names its source.
//
//   llmspell run examples/javascript/ask_documents.js --scripted examples/scripted.yaml

const library = {};
for (const name of ["bees", "wax", "honey"]) {
  const file = await Tool.execute("file-operations", { operation: "read", path: `examples/data/${name}.txt` });
  library[name] = file.result.input;
}

// Sentences with most of the words come first; a real library would ask a search engine here.
function search(words) {
  const wanted = words.toLowerCase().match(/[a-z]+/g);
  const found = [];
  for (const [source, text] of Object.entries(library)) {
    for (const sentence of text.match(/[^.]+\./g)) {
      const score = wanted.filter((word) => sentence.toLowerCase().includes(word)).length;
      if (score > 0) found.push({ source, score, text: sentence.trim() });
    }
  }
  return found.sort((one, other) => other.score - one.score || (one.text < other.text ? -1 : 1));
}

const librarian = Agent.create({
  name: "librarian",
  model: "scripted/librarian",
  systemPrompt: "Answer from the documents only, and name the source in brackets.",
  tools: [
    {
      name: "search",
      description: "Finds sentences about some words.",
      parameters: { type: "object", properties: { words: { type: "string" } }, required: ["words"] },
      handler: ({ words }) => {
        const [best] = search(words);
        console.log(`searched for '${words}': ${best.source}`);
        return best;
      },
    },
  ],
});

console.log((await librarian.execute("What becomes of honey that has turned hard?")).text);
