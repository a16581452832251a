-- Files: written, read, listed and removed again, below the folder in which the script is run.
--
--   llmspell run examples/lua/files.lua

local folder = "files-of-the-lua-example"

local function files(parameters)
  return Tool.execute("file-operations", parameters)
end

files({ operation = "create_dir", path = folder })
for _, day in ipairs({ "monday", "tuesday" }) do
  files({ operation = "write", path = folder .. "/" .. day .. ".txt", input = "It is " .. day .. ".\n" })
end
files({ operation = "append", path = folder .. "/monday.txt", input = "It rains.\n" })
files({ operation = "copy", source_path = folder .. "/monday.txt", target_path = folder .. "/copy.txt" })

for _, entry in ipairs(files({ operation = "list_dir", path = folder }).result.entries) do
  print(entry.name, entry.size)
end
io.write(files({ operation = "read", path = folder .. "/copy.txt" }).result.input)

files({ operation = "delete", path = folder, recursive = true })
print(files({ operation = "exists", path = folder }).result.exists)

-- What lies outside is closed to scripts.
print((pcall(files, { operation = "read", path = "../../etc/passwd" })))
