-- Everything together: a workflow of several steps that can be killed at any moment and goes on where it was,
-- with agents, a tool of its own, a hook that watches every step, and events that tell others of it.
--
--   llmspell run examples/lua/newsroom.lua --state :memory: --scripted examples/scripted.yaml
--
-- To see it go on, give it a file (--state news.db) and --param wait=yes, kill it where it waits, and run it again.

local ISSUE = "issue-7"

Tool.register({
  name = "word-count",
  description = "Counts the words of a text.",
  parameters = { type = "object", properties = { text = { type = "string" } }, required = { "text" } },
  handler = function(given)
    local _, words = given.text:gsub("%S+", "")
    return { words = words }
  end,
})

Hook.register("post_step", function(context)
  print("  done: " .. context.data.step)
end, { name = "progress" })

local news = Event.subscribe("news.**")

local reporter = Agent.create({ name = "reporter", model = "scripted/reporter" })
local subeditor = Agent.create({ name = "subeditor", model = "scripted/subeditor" })

local function wait_here()
  if ARGS.wait then
    print("  waiting: kill me, or press Return")
    io.read("l")
  end
end

local newsroom = Workflow.sequential({
  name = "newsroom",
  error_strategy = "compensate",
  steps = {
    {
      name = "facts",
      workflow = Workflow.map_reduce({
        name = "facts",
        collection = "{{ input }}",
        map = {
          name = "read",
          tool = "file-operations",
          input = { operation = "read", path = "examples/data/{{ item }}.txt" },
        },
        reduce = function(files)
          local texts = {}
          for index, file in ipairs(files) do texts[index] = file.result.input end
          return table.concat(texts)
        end,
      }),
      input = "{{ topics }}",
    },
    { name = "draft", agent = reporter, input = "Write about this:\n{{ facts.text }}" },
    { name = "check", execute = wait_here },
    { name = "count", tool = "word-count", input = { text = "{{ draft.text }}" } },
    {
      name = "edit",
      agent = subeditor,
      input = "{{ count.data.words }} words are too many. Shorten: {{ draft.text }}",
      retry = { attempts = 3, backoff_ms = 10 },
    },
    {
      name = "publish",
      execute = function(text)
        Event.publish("news.published", { issue = ISSUE, text = text })
        return text
      end,
      input = "{{ edit.text }}",
      compensate = function() Event.publish("news.withdrawn", { issue = ISSUE }) end,
    },
  },
})

local result = newsroom:execute({ topics = { "bees", "honey" } }, { run_id = ISSUE })
local told = Event.receive(news, 1000)
print("told: " .. told.event_type .. " of " .. told.data.issue)
print(result.output)
print(result.metadata.extra.resumed_steps .. " steps had been done before")
