// A chat on standard input, line by line, with commands: /undo, /history, /quit.
//
//   llmspell run examples/javascript/chat.js < examples/data/chat.txt

const friend = Agent.create({ name: "friend", model: "echo", systemPrompt: "You are a friendly parrot." });

const commands = {
  "/history": () => {
    for (const turn of friend.getConversation()) console.log(`  ${turn.role}: ${turn.text}`);
  },
  // The conversation is made anew from all but its last question and answer.
  "/undo": async () => {
    const turns = friend.getConversation();
    friend.clearConversation();
    for (const turn of turns.slice(0, -2)) {
      if (turn.role === "user") await friend.execute(turn.text);
    }
    console.log("forgotten");
  },
};

for (let line = process.stdin.readLine(); line !== null; line = process.stdin.readLine()) {
  if (line === "/quit") break;
  if (commands[line]) {
    await commands[line]();
  } else {
    console.log(`you: ${line}`);
    console.log(`friend: ${(await friend.execute(line)).text}`);
  }
}
