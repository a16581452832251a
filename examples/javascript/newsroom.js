// Everything together: a workflow of several steps that can be killed at any moment and goes on where it was,
// with agents, a tool of its own, a hook that watches every step, and events that tell others of it.
//
//   llmspell run examples/javascript/newsroom.js --state :memory: --scripted examples/scripted.yaml
//
// To see it go on, give it a file (--state news.db) and --param wait=yes, kill it where it waits, and run it again.

const ISSUE = "issue-7";

Tool.register({
  name: "word-count",
  description: "Counts the words of a text.",
  parameters: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  handler: ({ text }) => ({ words: text.match(/\S+/g).length }),
});

Hook.register("post_step", (context) => {
  console.log(`  done: ${context.data.step}`);
}, { name: "progress" });

const news = Event.subscribe("news.**");

const reporter = Agent.create({ name: "reporter", model: "scripted/reporter" });
const subeditor = Agent.create({ name: "subeditor", model: "scripted/subeditor" });

function waitHere() {
  if (ARGS.wait) {
    console.log("  waiting: kill me, or press Return");
    process.stdin.readLine();
  }
}

const newsroom = Workflow.sequential({
  name: "newsroom",
  errorStrategy: "compensate",
  steps: [
    {
      name: "facts",
      workflow: Workflow.mapReduce({
        name: "facts",
        collection: "{{ input }}",
        map: {
          name: "read",
          tool: "file-operations",
          input: { operation: "read", path: "examples/data/{{ item }}.txt" },
        },
        reduce: (files) => files.map((file) => file.result.input).join(""),
      }),
      input: "{{ topics }}",
    },
    { name: "draft", agent: reporter, input: "Write about this:\n{{ facts.text }}" },
    { name: "check", execute: waitHere },
    { name: "count", tool: "word-count", input: { text: "{{ draft.text }}" } },
    {
      name: "edit",
      agent: subeditor,
      input: "{{ count.data.words }} words are too many. Shorten: {{ draft.text }}",
      retry: { attempts: 3, backoffMs: 10 },
    },
    {
      name: "publish",
      execute: (text) => {
        Event.publish("news.published", { issue: ISSUE, text });
        return text;
      },
      input: "{{ edit.text }}",
      compensate: () => Event.publish("news.withdrawn", { issue: ISSUE }),
    },
  ],
});

const result = await newsroom.execute({ topics: ["bees", "honey"] }, { runId: ISSUE });
const told = await Event.receive(news, 1000);
console.log(`told: ${told.eventType} of ${told.data.issue}`);
console.log(result.output);
console.log(`${result.metadata.extra.resumedSteps} steps had been done before`);
