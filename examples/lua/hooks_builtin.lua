-- Hooks that the engine brings along: figures, a cache, limits, another try.
--
--   llmspell run examples/lua/hooks_builtin.lua

local metrics = Hook.enable("metrics")
local cache = Hook.enable("caching", { ttl_seconds = 60, components = { "tool" } })
local trace = Hook.enable("tracing", { points = { "post_tool", "tool_error" } })
local costs = Hook.enable("cost_tracking", { max_calls = 2 })
Hook.enable("rate_limit", { max_calls = 100, per_seconds = 1 })
local retry = Hook.enable("retry", { max_attempts = 2, delay_ms = 1 })

-- The second sum comes out of the cache.
for _ = 1, 2 do
  print(Tool.execute("calculator", { operation = "evaluate", input = "6 * 7" }).text)
end
print("cache hits:", cache:report().hits)

-- What fails is tried twice.
print((pcall(Tool.execute, "json-processor", { operation = "query", input = "{", query = "." })))
print("retries:", retry:report().retries)

-- The third call of a model is one too many.
local agent = Agent.create({ name = "writer", model = "echo" })
for _ = 1, 3 do
  local ok, problem = pcall(agent.execute, agent, { text = "hello" })
  print(ok, ok and "" or problem.message)
end
print("model calls:", costs:report().calls)

print("sums:", metrics:report().tool.calculator.calls)
for _, entry in ipairs(trace:report().entries) do print(entry.point, entry.name) end
