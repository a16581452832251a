-- A chat on standard input, line by line, with commands: /undo, /history, /quit.
--
--   llmspell run examples/lua/chat.lua < examples/data/chat.txt

local friend = Agent.create({ name = "friend", model = "echo", system_prompt = "You are a friendly parrot." })

local commands = {
  ["/history"] = function()
    for _, turn in ipairs(friend:get_conversation()) do print("  " .. turn.role .. ": " .. turn.text) end
  end,
  -- The conversation is made anew from all but its last question and answer.
  ["/undo"] = function()
    local turns = friend:get_conversation()
    friend:clear_conversation()
    for index = 1, #turns - 2, 2 do friend:execute(turns[index].text) end
    print("forgotten")
  end,
}

for line in io.lines() do
  if line == "/quit" then break end
  local command = commands[line]
  if command then
    command()
  else
    print("you: " .. line)
    print("friend: " .. friend:execute(line).text)
  end
end
