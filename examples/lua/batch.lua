-- A batch: many items, a few agents at a time, progress as they are done, and the failures told at the end.
--
--   llmspell run examples/lua/batch.lua --scripted examples/scripted.yaml

local pool = Agent.pool({ name = "translators", agent = { model = "scripted/translator" }, size = 4 })

local words = {}
for number = 1, 12 do words[number] = number == 7 and "???" or "word " .. number end

local done = 0
local jobs = {}
for index, word in ipairs(words) do
  jobs[index] = Async.run(function()
    local ok, answer = pcall(pool.execute, pool, word)
    done = done + 1
    if done % 4 == 0 then print(done .. " of " .. #words) end
    return { word = word, ok = ok, text = ok and answer.text or answer.message }
  end)
end

local translated, failed = {}, {}
for _, job in ipairs(jobs) do
  local result = job:await()
  if result.ok then
    translated[#translated + 1] = result.text
  else
    failed[#failed + 1] = result.word .. " (" .. result.text .. ")"
  end
end
print("failed: " .. table.concat(failed, ", "))
print(#translated .. " translated; the last is: " .. translated[#translated])
