-- A piece of work that lasts longer than a run: its values, a checkpoint to go back to, and what was made in it.
-- Each visit could be a run of its own, a week after the one before; here three are played in one run.
--
--   llmspell run examples/lua/sessions.lua --state :memory:

local NAME = "tides-report"
local PARTS = { "Ebb", "Flood", "Springs and neaps" }

local function take_up()
  local found = Session.list({ name = NAME, status = "suspended", limit = 1 })[1]
  if found then
    Session.resume(found.id)
    return found.id
  end
  return Session.create({ name = NAME, description = "A report on tides", tags = { "weekly" } })
end

for _, point in ipairs({ "SessionStart", "SessionRestore", "SessionSave", "SessionEnd" }) do
  Hook.register(point, function(context)
    print("  [" .. context.point .. ": " .. context.data.operation .. "]")
  end)
end

local function visit()
  local id = take_up()
  Session.set_current(id)
  local number = State.increment("session", "part")
  local text = "# " .. PARTS[number] .. "\n"
  Artifact.store(id, "agent_output", "report.md", text, { tags = { "draft" } })
  print("part " .. number .. ": " .. PARTS[number])
  if number < #PARTS then return Session.suspend(id) end

  -- An edit that goes wrong is taken back.
  local checkpoint = Session.checkpoint(id, "before the edit")
  State.save("session", "part", 99)
  Session.restore(id, checkpoint)
  print("after going back: " .. State.load("session", "part") .. " parts")

  for _, version in ipairs(Artifact.query({ session_id = id, name_pattern = "*.md" })) do
    print("  " .. version.name .. " version " .. version.version .. ", " .. version.size .. " bytes")
  end
  print("newest: " .. Artifact.get(id, "report.md").content)
  Session.complete(id)
end

for _ = 1, #PARTS do visit() end
local report = Session.list({ name = NAME })[1]
print(report.status .. " with " .. report.artifact_count .. " artifacts")
print(select(2, pcall(Session.resume, report.id)).kind)
