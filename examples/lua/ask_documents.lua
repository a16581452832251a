-- Questions about documents: the agent searches with a tool of the script and names its source.
--
--   llmspell run examples/lua/ask_documents.lua --scripted examples/scripted.yaml

local library = {}
for _, name in ipairs({ "bees", "wax", "honey" }) do
  local path = "examples/data/" .. name .. ".txt"
  library[name] = Tool.execute("file-operations", { operation = "read", path = path }).result.input
end

-- Sentences with most of the words come first; a real library would ask a search engine here.
local function search(words)
  local found = {}
  for name, text in pairs(library) do
    for sentence in text:gmatch("[^.]+%.") do
      local score = 0
      for word in words:lower():gmatch("%a+") do
        if sentence:lower():find(word, 1, true) then score = score + 1 end
      end
      if score > 0 then found[#found + 1] = { source = name, score = score, text = sentence:match("^%s*(.*)$") } end
    end
  end
  table.sort(found, function(one, other)
    if one.score ~= other.score then return one.score > other.score end
    return one.text < other.text
  end)
  return found
end

local librarian = Agent.create({
  name = "librarian",
  model = "scripted/librarian",
  system_prompt = "Answer from the documents only, and name the source in brackets.",
  tools = {
    {
      name = "search",
      description = "Finds sentences about some words.",
      parameters = { type = "object", properties = { words = { type = "string" } }, required = { "words" } },
      handler = function(given)
        local best = search(given.words)[1]
        print("searched for '" .. given.words .. "': " .. best.source)
        return best
      end,
    },
  },
})

print(librarian:execute("What becomes of honey that has turned hard?").text)
