-- Calls into the host and back ---------------------------------------------------------------------
--
-- What scripts call are C functions that lupa makes of Python's. A function of Lua would not do: called
-- as `return Tool.execute(…)` it would take the place of its caller on the stack, and with it the line
-- that an error is to name. Members that wait are the exception, see tasks.lua.

local function returned(token, previous, ok, ...)
  running[1], suspendable = previous, token.suspendable
  if ok then return true, ... end
  if not token.frames then return false, (...), {} end
  return false, token.value, token.frames
end

--- Call a function the host holds; an error comes back as false, its value and its frames.
local function call(number, ...)
  local token, previous = { suspendable = suspendable }, running[1]
  running[1], suspendable = main, false
  return returned(token, previous, real_xpcall(functions[number], function(value)
    token.value, token.frames = presented(value), frames()
  end, ...))
end

-- How to close what scripts loop over, held here so that it is not collected together with what it closes.
local closers = {}

--- What a script may loop over: `for item in handle do`, or `for item in handle:iter() do`, which closes it
--- when the loop is left. One that nobody holds any more is closed soon: a finalizer must not call the host,
--- for the last ones run while the host is taking the interpreter down.
local function iterating(made, meta)
  local close, key = made.close, {}
  closers[key] = close
  function meta.__call() return made.next() end
  function meta.__close() close() end
  function meta.__gc()
    soon(function()
      closers[key] = nil
      close()
    end)
  end
  function made.iter() return function() return made.next() end, nil, nil, made end
end

--- An API object: its fields, and its methods by name, as functions of the host. `waiting` are those that
--- wait.
local function object(number, name, fields, methods, waiting, lookup, iterates)
  local made = fields
  for method, function_ in next, methods do made[method] = as_function(function_) end
  for method, function_ in next, waiting do made[method] = waiting_function(as_function(function_)) end
  local meta = { __name = name, __metatable = name }
  function meta.__tostring() return name end
  if lookup then
    function meta.__index(_, key)
      if type(key) == "string" then return lookup(key) end
    end
  end
  if iterates then iterating(made, meta) end
  handles[made], objects[number] = number, made
  return setmetatable(made, meta)
end

