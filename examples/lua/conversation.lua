-- An agent remembers what was said: the model gets the conversation with each prompt.
--
--   llmspell run examples/lua/conversation.lua

local guide = Agent.create({ name = "guide", model = "echo", system_prompt = "You answer travellers." })

for _, question in ipairs({ "Where is the station?", "And when does the train leave?" }) do
  print("> " .. question)
  print(guide:execute(question).text)
end

for index, turn in ipairs(guide:get_conversation()) do
  print(index .. ". " .. turn.role .. ": " .. turn.text)
end

guide:clear_conversation()
print("after clearing: " .. #guide:get_conversation() .. " turns")
