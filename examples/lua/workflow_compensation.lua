-- Undoing what was done when a later step fails, newest first, and cleaning up in any case.
--
--   llmspell run examples/lua/workflow_compensation.lua

local function say(text)
  return function() print(text) end
end

local trip = Workflow.sequential({
  name = "trip",
  error_strategy = "compensate",
  steps = {
    {
      name = "flight",
      execute = function() return "F-17" end,
      compensate = function(booking) print("cancel the flight " .. booking) end,
    },
    {
      name = "hotel",
      execute = function() return "H-4" end,
      compensate = function(booking) print("cancel the hotel " .. booking) end,
    },
    {
      name = "car",
      retry = { attempts = 2, backoff_ms = 10 },
      execute = function(_, run)
        print("ask for a car, try " .. run.attempt)
        error({ kind = "NoCars", message = "there are no cars left" })
      end,
    },
  },
  cleanup = { { name = "log off", execute = say("log off") } },
})

local ok, problem = pcall(trip.execute, { from = "here", to = "there" })
print(ok, problem.message)

local result = trip:get_last_result()
print(result.text)
for _, step in ipairs(result.compensations) do
  print(step.name, step.success)
end
