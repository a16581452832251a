-- What an agent remembers from one run to the next: its conversation and values of its own, in State.
-- Leave out --state :memory: and run it twice: it counts on. Here the second visit is played within the first run.
--
--   llmspell run examples/lua/remember.lua --state :memory:

local function visit(question)
  local host = Agent.create({ name = "host", model = "echo" })
  host:load_state()
  local visits = (host:get_state("visits") or 0) + 1
  host:set_state({ visits = visits })
  print("visit " .. visits .. ": " .. host:execute(question).text)
  print("  remembers " .. #host:get_conversation() .. " turns")
  host:save_state()
  host:destroy()
end

visit("Is the kettle on?")
visit("And where is the sugar?")
