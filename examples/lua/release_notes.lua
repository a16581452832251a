-- Turns a list of changes into release notes: tools shape the text, an agent writes the
-- introduction, State remembers the result, and Event tells whoever listens.
-- Runs with no key and no network: the agent uses the built-in echo model.
--
--   llmspell run examples/lua/release_notes.lua -- 1.4.0

local format = require("lib.format")

local version = ARGS[1] or "1.4.0"
local changes = {
  { kind = "fixed", text = "  paused scripts resume at once " },
  { kind = "added", text = "hover shows the range of an option" },
  { kind = "fixed", text = "long strings are shown whole in the console" },
}

local function group(items)
  local groups = {}
  for index, change in ipairs(items) do
    local cleaned = Tool.execute("text-manipulator", { operation = "trim", input = change.text })
    local list = groups[change.kind] or {}
    list[#list + 1] = format.bullet(index, cleaned.result.result)
    groups[change.kind] = list
  end
  return groups
end

local writer = Agent.builder()
  :name("writer")
  :model("echo")
  :system_prompt("You introduce a release in one sentence.")
  :build()

local subscription = Event.subscribe("release.*")
local groups = group(changes)
local introduction = writer:execute({ text = "Version " .. version .. " is ready." })

print("# Release " .. version)
print(introduction.text)
for _, kind in ipairs({ "added", "fixed" }) do
  print(format.heading(kind, #groups[kind]))
  print(table.concat(groups[kind], "\n"))
end

local digest = Tool.get("hash-calculator"):execute({ operation = "hash", input = introduction.text })
State.save("global", "release:" .. version, { digest = digest.result.hash, changes = #changes })
Event.publish("release.written", { version = version, changes = #changes })

local event = Event.receive(subscription, 1000)
print("event " .. event.event_type .. " for " .. event.data.version)
print("digest " .. State.load("global", "release:" .. version).digest:sub(1, 12))
