-- Personal data stays at home: hooks take it out of what models are asked, and put it back into their answers.
--
--   llmspell run examples/lua/mask_personal_data.lua

local kept = {}

local function mask(text)
  return (text:gsub("[%w.]+@[%w.]+%w", function(address)
    kept[#kept + 1] = address
    return "[address " .. #kept .. "]"
  end))
end

Hook.register("pre_llm", function(context)
  local messages = context.data.messages
  for _, message in ipairs(messages) do message.text = mask(message.text) end
  print("the model is asked: " .. messages[#messages].text)
  return { type = "modified", data = { messages = messages } }
end, { name = "mask", priority = "highest" })

Hook.register("post_llm", function(context)
  local text = context.data.text:gsub("%[address (%d+)%]", function(number) return kept[tonumber(number)] end)
  return { type = "modified", data = { text = text } }
end, { name = "unmask" })

local clerk = Agent.create({ name = "clerk", model = "echo" })
local answer = clerk:execute("Write to ada@example.org, and a copy to bob@example.org.")
print("the script is told: " .. answer.text)
print(#kept .. " addresses were kept back")
