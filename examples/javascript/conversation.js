// An agent remembers what was said: the model gets the conversation with each prompt.
//
//   llmspell run examples/javascript/conversation.js

const guide = Agent.create({ name: "guide", model: "echo", systemPrompt: "You answer travellers." });

for (const question of ["Where is the station?", "And when does the train leave?"]) {
  console.log(`> ${question}`);
  console.log((await guide.execute(question)).text);
}

for (const [index, turn] of guide.getConversation().entries()) {
  console.log(`${index + 1}. ${turn.role}: ${turn.text}`);
}

guide.clearConversation();
console.log(`after clearing: ${guide.getConversation().length} turns`);
