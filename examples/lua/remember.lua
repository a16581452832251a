-- What an agent remembers from one run to the next: its conversation and values of its own, in State.
-- With --state FILE they stay; run it twice. Here the second run is played within the first.
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
