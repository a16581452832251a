-- Part of the agent (see agent.lua): values as text.

local ESCAPES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\", ["\0"] = "\\0" }

local function escape(character)
  return ESCAPES[character] or format("\\x%02x", byte(character))
end

-- A string in quotes, as Lua reads it; one that is no UTF-8 has its bytes escaped.
local function quote(text)
  local unsafe = utf8len(text) and '[%c"\\\127]' or '[%c"\\\127-\255]'
  return '"' .. gsub(text, unsafe, escape) .. '"'
end

-- The first characters of a string, never half of one.
local function cut(text, limit)
  local short = sub(text, 1, limit)
  while #short > limit - 4 and not utf8len(short) and utf8len(text, 1, 1) do
    short = sub(short, 1, -2)
  end
  return short
end

local function string_text(text, limit)
  if #text <= limit then
    return quote(text)
  end
  return quote(cut(text, limit)) .. "… (" .. #text .. " bytes)"
end

local function number_text(value, hex)
  if hex and mathtype(value) == "integer" then
    return format("0x%x", value)
  end
  return tostring(value)
end

local function function_text(value)
  local info = getinfo(value, "S")
  if info.what == "C" or info.source == "=?" then
    return "function: native"
  end
  return "function: " .. info.short_src .. ":" .. info.linedefined
end

local function is_name(key)
  return type(key) == "string" and find(key, "^[%a_][%w_]*$") ~= nil
end

-- The class of an object of the API: its metatable is hidden behind that name.
local function class_of(value)
  local meta = getmetatable(value)
  local name = type(meta) == "table" and rawget(meta, "__name") or nil
  return type(name) == "string" and rawequal(rawget(meta, "__metatable"), name) and name or nil
end

local preview

-- A value on one line. `limit` is for strings, `depth` how many tables deep a preview may go.
local function render(value, limit, hex, level)
  local kind = type(value)
  if kind == "string" then
    return string_text(value, limit)
  elseif kind == "number" then
    return number_text(value, hex)
  elseif kind == "table" then
    return preview(value, hex, level or 1)
  elseif kind == "function" then
    return function_text(value)
  elseif kind == "thread" then
    return "thread: " .. status(value)
  elseif kind == "userdata" then
    return format("userdata: %p", value)
  end
  return tostring(value)
end

-- An object of the API by its class and its fields. The methods that were called lie among them.
local function object_preview(class, value, hex, level)
  local keys, parts, length = {}, {}, #class
  for key, part in next, value do
    if type(key) == "string" and type(part) ~= "function" then
      keys[#keys + 1] = key
    end
  end
  sort(keys)
  for index, key in next, keys do
    parts[index] = level == 0 and "…" or key .. " = " .. render(rawget(value, key), 20, hex, level - 1)
    length = length + #parts[index] + 2
    if level == 0 or length >= PREVIEW_LIMIT and index < #keys then
      parts[index + 1] = level > 0 and "…" or nil
      break
    end
  end
  return class .. " {" .. concat(parts, ", ") .. "}"
end

function preview(value, hex, level)
  local class = class_of(value)
  if class then
    return object_preview(class, value, hex, level)
  elseif next(value) == nil then
    return "{}"
  elseif level == 0 then
    return "{…}"
  end
  local parts, length, count = {}, 0, rawlen(value)
  local function add(text)
    parts[#parts + 1] = text
    length = length + #text + 2
    return length < PREVIEW_LIMIT
  end
  for index = 1, count do
    if not add(render(rawget(value, index), 20, hex, level - 1)) then
      parts[#parts + 1] = index < count and "…" or nil
      return "{" .. concat(parts, ", ") .. "}"
    end
  end
  for key, part in next, value do
    if not (mathtype(key) == "integer" and key >= 1 and key <= count) then
      local label = is_name(key) and key or "[" .. render(key, 20, hex, 0) .. "]"
      if not add(label .. " = " .. render(part, 20, hex, level - 1)) then
        parts[#parts + 1] = next(value, key) ~= nil and "…" or nil
        break
      end
    end
  end
  return "{" .. concat(parts, ", ") .. "}"
end

-- A value whole, as text for a clipboard: tables in full, except those inside themselves.
local function whole(value, indent, open)
  if type(value) ~= "table" then
    return render(value, math.huge)
  elseif open[value] then
    return "{…}"
  elseif next(value) == nil then
    return "{}"
  end
  open[value] = true
  local inner, parts, count = indent .. "  ", {}, rawlen(value)
  for index = 1, count do
    parts[#parts + 1] = inner .. whole(rawget(value, index), inner, open)
  end
  for key, part in next, value do
    if not (mathtype(key) == "integer" and key >= 1 and key <= count) then
      local label = is_name(key) and key or "[" .. render(key, math.huge, false, 0) .. "]"
      parts[#parts + 1] = inner .. label .. " = " .. whole(part, inner, open)
    end
  end
  open[value] = nil
  return "{\n" .. concat(parts, ",\n") .. "\n" .. indent .. "}"
end
