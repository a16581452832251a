-- A program that is entered piece by piece. Loaded for such programs only, with the functions of the prelude.
--
-- A piece is compiled as a function inside another whose locals have the names of earlier pieces' locals; they
-- are then joined to those, so that all pieces and what they made share one variable. What a piece declares
-- itself at its outermost level is caught at its end, by a function that has it as an upvalue.

local inside = ...
local debug, load, frames, presented, is_ending = inside.debug, inside.load, inside.frames, inside.presented, inside.is_ending
local getupvalue, upvaluejoin = debug.getupvalue, debug.upvaluejoin
local pcall, xpcall, pack, getmetatable, next, select = inside.pcall, inside.xpcall, table.pack, getmetatable, next, select
local tostring, type, rawequal, rawlen = tostring, type, rawequal, rawlen
local concat, sort, format, match, rep = table.concat, table.sort, string.format, string.match, string.rep
local is_text = utf8.len

local cells = {}           -- by name of a local: a function that has it as an upvalue, and as which
local last = pack()        -- the values of the last piece

-- Showing values -----------------------------------------------------------------------------------

local find, gsub, byte, math_type = string.find, string.gsub, string.byte, math.type
local DEEPEST, WIDEST, MOST = 4, 72, 100
local reserved = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while"):gmatch("%a+") do
  reserved[word] = true
end

local function quoted(text)
  local shown = gsub(gsub(gsub(format("%q", text), "\\\n", "\\n"), "\r", "\\r"), "\t", "\\t")
  if not is_text(shown) then shown = gsub(shown, "[\128-\255]", function(one) return "\\" .. byte(one) end) end
  return shown
end

local show

local function show_key(key, depth, open)
  if type(key) == "string" and match(key, "^[%a_][%w_]*$") and not reserved[key] then return key end
  return "[" .. show(key, depth, open) .. "]"
end

local function joined(parts, depth)
  if #parts == 0 then return "{}" end
  local line = "{ " .. concat(parts, ", ") .. " }"
  if #line <= WIDEST and not find(line, "\n", 1, true) then return line end
  local indent = rep("  ", depth + 1)
  return "{\n" .. indent .. concat(parts, ",\n" .. indent) .. ",\n" .. rep("  ", depth) .. "}"
end

local function comes_before(left, right)
  local one, other = type(left), type(right)
  if one ~= other then return one < other end
  if one == "number" or one == "string" then return left < right end
  return tostring(left) < tostring(right)
end

local function parts_of(value, depth, open)
  local parts, keys, length = {}, {}, rawlen(value)
  for index = 1, length do
    if index > MOST then
      parts[#parts + 1] = format("... %d more", length - MOST)
      break
    end
    parts[index] = show(value[index], depth + 1, open)
  end
  for key in next, value do
    local is_element = math_type(key) == "integer" and key >= 1 and key <= length
    if not is_element then keys[#keys + 1] = key end
  end
  sort(keys, comes_before)
  for index = 1, #keys do
    if index > MOST then
      parts[#parts + 1] = format("... %d more", #keys - MOST)
      break
    end
    local key = keys[index]
    parts[#parts + 1] = show_key(key, depth + 1, open) .. " = " .. show(value[key], depth + 1, open)
  end
  return parts
end

--- A value as one would write it; a table that says itself what it is, is told by that.
function show(value, depth, open)
  if type(value) == "string" then return quoted(value) end
  if type(value) ~= "table" then return tostring(value) end
  if getmetatable(value) ~= nil then
    local _, text = pcall(tostring, value)
    if not match(text, "^table: ") then return text end
  end
  if open[value] then return "<circular>" end
  if depth > DEEPEST then return "{ ... }" end
  open[value] = true
  local text = joined(parts_of(value, depth, open), depth)
  open[value] = nil
  return text
end

local function told(as_it_is)
  if last.n == 0 then return nil end
  local words = {}
  for index = 1, last.n do
    local value = last[index]
    words[index] = as_it_is and type(value) == "string" and value or show(value, 0, {})
  end
  return concat(words, "\t")
end

-- Pieces -------------------------------------------------------------------------------------------

--- Take up locals of a piece: `capture` gives them, in the order of the names.
local function take_up(capture, ...)
  local found = {}
  for index = 1, 255 do
    local name = getupvalue(capture, index)
    if not name then break end
    found[name] = { capture, index }
  end
  local values
  for index, name in next, { ... } do
    values = values or not found[name] and pack(capture())   -- a constant is no upvalue
    local value = values and values[index]
    cells[name] = found[name] or { function() return value end, 1 }
  end
end

local function compiled(piece, name, source)
  local made, message = load(piece, name, "t")
  if not made then
    -- An expression whose end is missing is no statement from its first word on: tell of its end instead.
    local _, other = load("return " .. piece, name, "t")
    return nil, presented(other and find(other, "near <eof>", 1, true) and other or message)
  end
  made, message = load(source, name, "t")
  if not made then return nil, presented(message) end
  local work = made({ pack = pack, keep = take_up })
  for index = 1, 255 do
    local variable = getupvalue(work, index)
    if not variable then break end
    local cell = cells[variable]
    if cell then upvaluejoin(work, index, cell[1], cell[2]) end
  end
  return work
end

local function failed(value, where_it_was, name)
  local count = #where_it_was
  if count > 0 and where_it_was[count - 2] == name then where_it_was[count] = "main chunk" end
  return false, value, where_it_was
end

--- Call a function with what the host is told of its error.
local function tried(work, name)
  local value, where_it_was
  local ok, problem = xpcall(work, function(raised)
    if is_ending(raised) then return end
    value, where_it_was = inside.explained(raised)
  end)
  if ok then
    local rejected = inside.take_rejection()
    if not rejected then return true end
    return false, rejected.value, rejected.frames or {}
  end
  local fatal = inside.fatal()
  if fatal then return false, fatal.value, fatal.frames end
  if not where_it_was then return false, problem, {} end
  return failed(value, where_it_was, name)
end

local session = {}

--- Run a piece of a file. `source` is it with what makes its locals last.
function session.enter(piece, path, display, source, is_expression)
  inside.reset()
  last = pack()
  local name = "@" .. path
  inside.name(name, display)
  local work, message = compiled(piece, name, source)
  if not work then return false, message, {} end
  local values
  local ok, value, where_it_was = tried(function() values = pack(work()) end, name)
  if not ok then return false, value, where_it_was end
  last = is_expression and values[1] or values
  return true
end

--- Whether it is known of a local by a name.
function session.knows(name)
  return cells[name] ~= nil
end

function session.shown() return true, told(false) end
function session.printed() return true, told(true) end

function session.value()
  if last.n < 2 then return true, last[1] end
  local values = {}
  for index = 1, last.n do values[index] = last[index] end
  return true, values
end

function session.go_on()
  inside.reset()
  return tried(inside.go_on, "")
end

function session.finish()
  return tried(inside.drain, "")
end

--- Forget what was interrupted; operations that it waited for end unheard.
function session.recover()
  inside.reset()
  inside.forget_waits()
end

return session
