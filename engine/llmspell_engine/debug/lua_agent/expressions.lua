-- Part of the agent (see agent.lua): expressions of the user, hovers and conditions.

-- The names that an expression sees: the frame's locals, its upvalues, then globals.
local function scope_of(frame)
  local outer = frame and globals_of(frame) or globals
  if not frame then
    return outer
  end
  return setmetatable({}, {
    __index = function(_, name)
      local found, value = lookup(frame, name)
      if found then
        return value
      end
      return outer[name]
    end,
    __newindex = function(_, name, value)
      if not assign(frame, name, value) then
        outer[name] = value
      end
    end,
  })
end

local function compile(text, environment, statements)
  local expression, problem = load("return " .. text, CHUNK, "t", environment)
  if expression or not statements then
    return expression, problem
  end
  return load(text, CHUNK, "t", environment)
end

local function error_text(problem)
  return type(problem) == "string" and problem or render(problem, VIEW_LIMIT)
end

-- The values of an expression, packed, with `n`; or nil and a message.
local function values_of(text, frame, statements)
  local compiled, problem = compile(text, scope_of(frame), statements)
  if not compiled then
    return nil, problem
  end
  local extra = frame and varargs(frame) or { n = 0 }
  local results = pack(pcall(compiled, unpack(extra, 1, extra.n)))
  if not results[1] then
    return nil, error_text(results[2])
  end
  return pack(unpack(results, 2, results.n))
end

local function several(results, context, hex)
  local texts = {}
  for index = 1, results.n do
    local limit = context == "repl" and math.huge or VIEW_LIMIT
    texts[index] = render(results[index], limit, hex)
  end
  local record = describe("", results, nil, hex)
  record.value, record.type = concat(texts, ", "), "values"
  results.n = nil
  return record
end

local function evaluate(text, token, context, hex)
  local frame = token and held[token]
  local results, problem = values_of(text, frame, context == "repl")
  if not results then
    return nil, problem
  elseif context == "clipboard" then
    local value = results[1]
    return { name = "", value = type(value) == "string" and value or whole(value, "", {}), type = type(value) }
  elseif results.n > 1 and context == "repl" then
    return several(results, context, hex)
  elseif results.n == 0 and context == "repl" then
    return { name = "", value = "", type = "" }
  end
  local limit = context == "repl" and math.huge or VIEW_LIMIT
  return describe("", results[1], is_name(text) and text or "(" .. text .. ")", hex, limit)
end

local function set_child(token, name, text, frame_token)
  local entry = held[token]
  local frame = frame_token and held[frame_token]
  local results, problem = values_of(text, frame, false)
  if not results then
    return nil, problem
  end
  local index = entry.kind == "table" and match(name, "^%[(%d+)%]$")
  if index and rawget(entry.value, math.tointeger(index)) ~= nil then
    rawset(entry.value, math.tointeger(index), results[1])
    return describe(name, results[1], member_name(entry.path, math.tointeger(index)))
  end
  for _, part in next, named_parts(entry) do
    if part.name == name then
      if not part.set then
        return nil, "'" .. name .. "' cannot be changed"
      end
      part.set(results[1])
      part.value = results[1]
      return describe(name, results[1], part.path)
    end
  end
  return nil, "there is no variable '" .. name .. "' here"
end

-- Hovering: the functions that lua_hover.py writes expressions in. They read, and run nothing.

local function refuse(what)
  error(what .. " would run code: evaluate this in the console", 0)
end

-- A field of a value, through metatables whose `__index` is a table, as far as no function is met.
local function raw_index(value, key)
  for _ = 1, 100 do
    local found
    if type(value) == "table" then
      found = rawget(value, key)
    end
    local meta = getmetatable(value)
    local index = meta and rawget(meta, "__index")
    if found ~= nil or (type(value) == "table" and index == nil) then
      return found
    elseif index == nil then
      error("a " .. type(value) .. " has no fields", 0)
    elseif type(index) == "function" then
      return refuse("reading this field")
    end
    value = index
  end
end

local function raw_reader(frame)
  local outer = frame and globals_of(frame) or globals
  local reader = { index = raw_index }

  function reader.name(name)
    if frame then
      local found, value = lookup(frame, name)
      if found then
        return value
      end
    end
    return raw_index(outer, name)
  end

  function reader.length(value)
    if type(value) == "string" then
      return #value
    end
    local meta = getmetatable(value)
    if type(value) ~= "table" or (meta and rawget(meta, "__len") ~= nil) then
      return refuse("the length of this")
    end
    return rawlen(value)
  end

  function reader.arithmetic(sign, left, right)
    if type(left) ~= "number" or (right ~= nil and type(right) ~= "number") then
      return refuse("arithmetic on this")
    elseif right == nil then
      return load("local a = ... return " .. sign .. " a", CHUNK)(left)
    end
    return load("local a, b = ... return a " .. sign .. " b", CHUNK)(left, right)
  end

  function reader.ordered(sign, left, right)
    local kind = type(left)
    if kind ~= type(right) or (kind ~= "number" and kind ~= "string") then
      return refuse("comparing these")
    end
    return load("local a, b = ... return a " .. sign .. " b", CHUNK)(left, right)
  end

  function reader.joined(left, right)
    local joinable = { string = true, number = true }
    if not (joinable[type(left)] and joinable[type(right)]) then
      return refuse("joining these")
    end
    return left .. right
  end

  reader.equal = rawequal
  return reader
end

local function peek(text, token, hex)
  local frame = token and held[token]
  local compiled, problem = load("return " .. text, CHUNK, "t", raw_reader(frame))
  if not compiled then
    return nil, problem
  end
  local ok, value = pcall(compiled)
  if not ok then
    return nil, error_text(value)
  end
  return describe("", value, nil, hex)
end

-- Conditions are compiled once; their names are looked up in the innermost frame of the moment.
local innermost = { level = 1 }
local conditions = {}
local condition_scope = setmetatable({}, {
  __index = function(_, name)
    innermost.thread, innermost.stop = stopped, stop
    innermost.func = getinfo(stopped, level_of(innermost), "f").func
    local found, value = lookup(innermost, name)
    if found then
      return value
    end
    return globals_of(innermost)[name]
  end,
})

local verdicts = {} -- what guards have found just now: a condition is never evaluated twice

local function condition(text)
  if verdicts[text] ~= nil then
    return verdicts[text]
  end
  local compiled = conditions[text]
  if not compiled then
    local problem
    compiled, problem = compile(text, condition_scope)
    if not compiled then
      return nil, problem
    end
    conditions[text] = compiled
  end
  local ok, value = pcall(compiled)
  if not ok then
    return nil, error_text(value)
  end
  return value and true or false
end
