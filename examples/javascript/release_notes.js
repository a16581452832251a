// Turns a list of changes into release notes: tools shape the text, an agent writes the
// introduction, State remembers the result, and Event tells whoever listens.
// Runs with no key and no network: the agent uses the built-in echo model.
//
//   llmspell run examples/javascript/release_notes.js -- 1.4.0

import { bullet, heading } from "./lib/format.js";

const version = ARGS[0] ?? "1.4.0";
const changes = [
  { kind: "fixed", text: "  paused scripts resume at once " },
  { kind: "added", text: "hover shows the range of an option" },
  { kind: "fixed", text: "long strings are shown whole in the console" },
];

async function group(items) {
  const groups = {};
  for (const [index, change] of items.entries()) {
    const cleaned = await Tool.execute("text-manipulator", { operation: "trim", input: change.text });
    const list = (groups[change.kind] ??= []);
    list.push(bullet(index + 1, cleaned.result.result));
  }
  return groups;
}

const writer = Agent.builder()
  .name("writer")
  .model("echo")
  .systemPrompt("You introduce a release in one sentence.")
  .build();

const subscription = Event.subscribe("release.*");
const groups = await group(changes);
const introduction = await writer.execute({ text: `Version ${version} is ready.` });

console.log(`# Release ${version}`);
console.log(introduction.text);
for (const kind of ["added", "fixed"]) {
  console.log(heading(kind, groups[kind].length));
  console.log(groups[kind].join("\n"));
}

const digest = await Tool.get("hash-calculator").execute({ operation: "hash", input: introduction.text });
State.save("global", `release:${version}`, { digest: digest.result.hash, changes: changes.length });
Event.publish("release.written", { version, changes: changes.length });

const event = await Event.receive(subscription, 1000);
console.log(`event ${event.eventType} for ${event.data.version}`);
console.log(`digest ${State.load("global", `release:${version}`).digest.slice(0, 12)}`);
