"""How fast the editor's questions are answered on an 800-line script of each language.

    python benchmarks/analysis.py [--rounds N] [--cpu]

With ``--cpu`` the time of the processor is counted, which other work on the machine does not disturb.
"completion, first" comes right after a key press, on a text that was never parsed.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from conditions import tell_conditions
from figures import figures
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.language import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_engine.analysis.workspace import Document

LINES = 800
CLOCK = [time.perf_counter]
"""The clock in use."""
SUFFIX: dict[Language, str] = {"lua": ".lua", "javascript": ".js"}
BLOCK: dict[Language, str] = {
    "lua": """
local function step_{n}(items, options)
  local groups = {{}}
  for index, change in ipairs(items) do
    local cleaned = Tool.execute("text-manipulator", {{ operation = "trim", input = change.text }})
    if cleaned.success and change.kind ~= "hidden" then
      local list = groups[change.kind] or {{}}
      list[#list + 1] = string.format("%d. %s", index, cleaned.result.result)
      groups[change.kind] = list
    else
      print("skipped " .. index .. " of " .. #items)
    end
  end
  local agent = Agent.create({{ name = "writer-{n}", model = "echo", temperature = 0.{n} }})
  local answer = agent:execute({{ text = "Step {n} is ready" }})
  State.save("global", "step:{n}", {{ text = answer.text, groups = groups }})
  return {{ groups = groups, text = answer.text, more = options.more }}
end
""",
    "javascript": """
function step{n}(items, options) {{
  const groups = {{}};
  for (const [index, change] of items.entries()) {{
    const cleaned = Tool.execute("text-manipulator", {{ operation: "trim", input: change.text }});
    if (cleaned.success && change.kind !== "hidden") {{
      const list = (groups[change.kind] ??= []);
      list.push(`${{index}}. ${{cleaned.result.result}}`);
    }} else {{
      console.log("skipped " + index + " of " + items.length);
    }}
  }}
  const agent = Agent.create({{ name: "writer-{n}", model: "echo", temperature: 0.{n} }});
  const answer = agent.execute({{ text: "Step {n} is ready" }});
  State.save("global", "step:{n}", {{ text: answer.text, groups }});
  return {{ groups, text: answer.text, more: options.more }};
}}
""",
}
TYPED: dict[Language, tuple[str, ...]] = {
    "lua": (
        "local a = Agent.",
        "local a = Agent.cr",
        'local a = Agent.create({ name = "x", ',
        'local r = Tool.execute("',
        'local r = Tool.execute("text-manipulator", { operation = "',
        "pri",
        "local b = Agent.builder()\n  :name('x')\n  :",
    ),
    "javascript": (
        "const a = Agent.",
        "const a = Agent.cr",
        'const a = Agent.create({ name: "x", ',
        'const r = Tool.execute("',
        'const r = Tool.execute("text-manipulator", { operation: "',
        "con",
        "const b = Agent.builder()\n  .name('x')\n  .",
    ),
}


def script(language: Language) -> str:
    """A script of :data:`LINES` lines."""
    block = BLOCK[language]
    count = LINES // (block.count("\n") - 1) + 1
    return "".join(block.format(n=number) for number in range(count))


def timed(action: Callable[..., object], *arguments: object) -> float:
    """How many milliseconds an action takes."""
    start = CLOCK[0]()
    action(*arguments)
    return (CLOCK[0]() - start) * 1000


def report(label: str, samples: list[float]) -> None:
    """Print the median and the 95th percentile."""
    found = figures(samples)
    print(f"  {label:<34} p50 {found.p50:6.2f} ms   p95 {found.p95:6.2f} ms")


def whole_file(language: Language, text: str, rounds: int) -> None:
    """Parse and walk, then every rule's raw material."""
    samples: dict[str, list[float]] = {"parse": [], "walk": [], "calls, members, tables": []}
    for _ in range(rounds):
        document = document_of(language, text)
        samples["parse"].append(timed(lambda one: one.tree, document))
        samples["walk"].append(timed(lambda one: one.program, document.source))
        meaning = (lambda one: (one.calls, one.member_accesses, one.tables), document.semantics)
        samples["calls, members, tables"].append(timed(*meaning))
    for label, found in samples.items():
        report(label, found)


def document_of(language: Language, text: str) -> Document:
    """A script nobody has looked at yet."""
    workspace = Workspace()
    workspace.open("/s" + SUFFIX[language], text)
    return workspace.snapshot().document("/s" + SUFFIX[language])


def typing(language: Language, text: str, rounds: int) -> None:
    """Completion and signature help after each key press, and asked again."""
    samples: dict[str, list[float]] = {"completion, first": [], "completion": [], "signature help": []}
    middle = text.find("\n", text.find("step:20")) + 1
    path = "/s" + SUFFIX[language]
    for _ in range(rounds):
        workspace = Workspace()
        workspace.open(path, text)
        workspace.snapshot().symbols(path)
        for typed in TYPED[language]:
            workspace.change(path, text[:middle] + typed + "\n" + text[middle:])
            snapshot, offset = workspace.snapshot(), middle + len(typed)
            samples["completion, first"].append(timed(snapshot.completions_at, path, offset))
            samples["completion"].append(timed(snapshot.completions_at, path, offset))
            samples["signature help"].append(timed(snapshot.signature_at, path, offset))
    for label, found in samples.items():
        report(label, found)


def reading(language: Language, text: str, rounds: int) -> None:
    """Hover and definition all over the script, and its outline."""
    path = "/s" + SUFFIX[language]
    snapshot = document_of(language, text).snapshot
    snapshot.hover_at(path, 0)
    offsets = range(0, len(text), max(1, len(text) // (rounds * 20)))
    report("hover", [timed(snapshot.hover_at, path, at) for at in offsets])
    report("definition", [timed(snapshot.definition_at, path, at) for at in offsets])
    report("symbols", [timed(snapshot.symbols, path) for _ in range(rounds)])


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--cpu", action="store_true", help="count processor time")
    given = parser.parse_args()
    rounds: int = given.rounds
    if given.cpu:
        CLOCK[0] = time.process_time
    tell_conditions()
    for language in LANGUAGES:
        text = script(language)
        print(f"{language}: {text.count(chr(10))} lines")
        whole_file(language, text, rounds)
        typing(language, text, rounds)
        reading(language, text, rounds)


if __name__ == "__main__":
    main()
