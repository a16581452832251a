-- Settings: what the command line, the environment and llmspell.toml say, the nearest to the run winning.
--
--   llmspell run examples/lua/settings.lua --config examples/llmspell-example.toml --param topic=rivers -- one two

print("topic:", ARGS.topic)
print("arguments:", table.concat({ ARGS[1], ARGS[2] }, ", "))

print("calls at most:", Config.get("run.max_calls", "no limit"))
print("prompts:", #Prompt.list())
print("agents of the configuration:", Config.get("agents.desk.model"), Config.get("agents.repairs.model"))
print("may read:", Config.is_file_access_allowed("examples/data/bees.txt"), Config.is_file_access_allowed("/etc/passwd"))
