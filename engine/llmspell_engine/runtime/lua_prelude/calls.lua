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

-- How to close what scripts loop over, by the number of the object: held here so that it is not collected
-- together with what it closes.
local closers = {}
local gone = {}           -- numbers of objects that were collected, of which the host is to let go

--- What a script may loop over: `for item in handle do`, or `for item in handle:iter() do`, which closes it
--- when the loop is left. One that nobody holds any more is closed soon: a finalizer must not call the host,
--- for the last ones run while the host is taking the interpreter down.
local function iterating(meta)
  function meta.__call(self) return self.next() end
  function meta.__close(self) self.close() end
  function meta.__gc(self)
    local number = handles[self]
    soon(function()
      local close = closers[number]
      closers[number] = nil
      gone[#gone + 1] = number
      close()
    end)
  end
end

--- A name as older scripts spell it (`listKeys`) in the spelling of today, or nil where it is in that already.
local function respelled(name)
  if type(name) ~= "string" then return nil end
  local made, count = string_gsub(name, "(%f[%u]%u)", function(letter) return "_" .. string_lower(letter) end)
  return count > 0 and made or nil
end

--- The metatable of all API objects of one class. `methods` tells by name which of them wait. A method is made
--- when it is first asked for, and lies in the object from then on, as a function of the host.
local function shape(name, methods, is_indexed, iterates)
  local meta = { __name = name, __metatable = name, iterates = iterates }
  function meta.__tostring() return name end
  local function method(self, key)
    local made = as_function(host.method(handles[self], key))
    if methods[key] then made = waiting_function(made) end
    self[key] = made
    return made
  end
  function meta.__index(self, key)
    if methods[key] ~= nil then return method(self, key) end
    if iterates and key == "iter" then
      return function(...)
        local given = select("#", ...) - (rawequal((...), self) and 1 or 0)
        if given > 0 and select(-1, ...) ~= nil then
          local message = string_format("%s.iter takes no arguments, but %d were given", name, given)
          real_error(new_error("ArgumentError", message, nil, true), 0)
        end
        return function() return self.next() end, nil, nil, self
      end
    end
    local name = respelled(key)
    if name and (methods[name] ~= nil or rawget(self, name) ~= nil) then return self[name] end
    if is_indexed and type(key) == "string" then
      return as_function(host.method(handles[self]))(key)
    end
  end
  function meta.__pairs(self)
    for key in next, methods do
      if rawget(self, key) == nil then method(self, key) end
    end
    return next, self
  end
  if iterates then
    iterating(meta)
  else
    function meta.__gc(self) gone[#gone + 1] = handles[self] end
  end
  return meta
end

--- An API object: its fields, and what its class has.
local function object(number, fields, meta)
  handles[fields], objects[number] = number, fields
  setmetatable(fields, meta)
  if meta.iterates then closers[number] = fields.close end
  return fields
end
