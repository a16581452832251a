// A piece of work that lasts longer than a run: its values, a checkpoint to go back to, and what was made in it.
// Each visit could be a run of its own, a week after the one before; here three are played in one run.
//
//   llmspell run examples/javascript/sessions.js --state :memory:

const NAME = "tides-report";
const PARTS = ["Ebb", "Flood", "Springs and neaps"];

function takeUp() {
  const [found] = Session.list({ name: NAME, status: "suspended", limit: 1 });
  if (found) {
    Session.resume(found.id);
    return found.id;
  }
  return Session.create({ name: NAME, description: "A report on tides", tags: ["weekly"] });
}

for (const point of ["SessionStart", "SessionRestore", "SessionSave", "SessionEnd"]) {
  Hook.register(point, (context) => console.log(`  [${context.point}: ${context.data.operation}]`));
}

function visit() {
  const id = takeUp();
  Session.setCurrent(id);
  const number = State.increment("session", "part");
  const text = `# ${PARTS[number - 1]}\n`;
  Artifact.store(id, "agent_output", "report.md", text, { tags: ["draft"] });
  console.log(`part ${number}: ${PARTS[number - 1]}`);
  if (number < PARTS.length) return Session.suspend(id);

  // An edit that goes wrong is taken back.
  const checkpoint = Session.checkpoint(id, "before the edit");
  State.save("session", "part", 99);
  Session.restore(id, checkpoint);
  console.log(`after going back: ${State.load("session", "part")} parts`);

  for (const version of Artifact.query({ sessionId: id, namePattern: "*.md" })) {
    console.log(`  ${version.name} version ${version.version}, ${version.size} bytes`);
  }
  console.log(`newest: ${Artifact.get(id, "report.md").content}`);
  Session.complete(id);
}

for (const _ of PARTS) visit();
const [report] = Session.list({ name: NAME });
console.log(`${report.status} with ${report.artifactCount} artifacts`);
try {
  Session.resume(report.id);
} catch (error) {
  console.log(error.name);
}
