print("Hello from Lua, " .. (ARGS.name or "world") .. "!")
