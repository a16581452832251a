Tool.execute("file-operations", { operation = "write", path = "written.txt", input = ARGS[1] .. " " .. ARGS[2] })
