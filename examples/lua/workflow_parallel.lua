-- Branches at the same time: three reviews that take as long as the slowest, not as all of them.
--
--   llmspell run examples/lua/workflow_parallel.lua

local function review(seconds, verdict)
  return function(text)
    Async.sleep(seconds)
    return text .. " is " .. verdict
  end
end

local reviews = Workflow.parallel({
  name = "reviews",
  max_concurrency = 3,
  steps = {
    { name = "style", execute = review(0.2, "readable") },
    { name = "facts", execute = review(0.2, "correct") },
    { name = "law", execute = review(0.2, "allowed") },
  },
})

local result = reviews:execute("The text")
print(result.output.style)
print(result.output.facts)
print(result.output.law)

local sum = 0
for _, duration in pairs(result.step_timings) do
  sum = sum + duration
end
print(result.duration_ms < sum and "at the same time" or "one after the other")
