-- What a Lua script finds in its globals before any API: the standard library of the default profile,
-- with printing, input, loading and errors led through the host.
--
-- The chunk is compiled without debug information, so that its functions look like the C functions they
-- replace: `error("…", 2)` and tracebacks of a script come out as in plain Lua.
--
-- It is called with the host's functions and gives back the functions the host calls.

local host = ...

local string_format, string_match, string_gsub = string.format, string.match, string.gsub
local string_lower = string.lower
local table_concat, table_pack = table.concat, table.pack
local getinfo, real_traceback, raw_metatable = debug.getinfo, debug.traceback, debug.getmetatable
local whole = { string = string, io = io, os = os, debug = debug }
local function copied(library)
  local made = {}
  for name, value in next, library do made[name] = value end
  return made
end
-- Scripts may put others in the place of functions; what follows keeps to those that were there first.
local string, table, math = copied(string), copied(table), copied(math)
local real_error, real_load, real_pcall, real_xpcall = error, load, pcall, xpcall
local create, resume = coroutine.create, coroutine.resume
local has_memory_limit, is_memory_used_up = host.has_memory_limit, false
local rawequal, rawget, select, setmetatable, type = rawequal, rawget, select, setmetatable, type
local tostring, getmetatable, next = tostring, getmetatable, next
local as_function = python.as_function
do
  -- Objects of the host reach a script as the errors that close its variables. It gets none of their parts.
  local closed = raw_metatable(python.none)
  closed.__metatable, closed.__index, closed.__newindex = "userdata", nil, nil
end
python = nil
if host.charge then
  -- Each coroutine counts its instructions for itself; one that ends early pays for what it may have done.
  local real_create, charge = create, host.charge
  create = function(f)
    charge()
    return real_create(f)
  end
end

local shown = {}          -- a chunk's short name, as in Lua's messages, to the path to show
local functions = {}      -- script functions held by the host, by number
local numbers = setmetatable({}, { __mode = "k" })
local last_number = 0
local handles = setmetatable({}, { __mode = "k" })   -- API objects to their numbers
local objects = setmetatable({}, { __mode = "v" })   -- and back
local main = coroutine.running()
local running = { main }  -- the coroutine that runs; the host reads it from outside, to end it
local crash = nil         -- the error that ended a wrapped coroutine, and the frames it had
local ENDING = setmetatable({}, { __tostring = function() return "the script is ending" end })
local finished = false
local suspendable = false  -- whether what runs may suspend its task: see tasks.lua
local waiting_function     -- see tasks.lua

-- Frames and messages ------------------------------------------------------------------------------

local function is_script(info)
  return info.what ~= "C" and info.source ~= "=?"
end

local function frame_name(info)
  if info.what == "main" then return "main chunk" end
  if info.name and info.name ~= "?" then return info.name end   -- "?": called by the prelude, which has no names
  return string_format("function at line %d", info.linedefined)
end

--- The script frames of a thread as a flat list: source, line, name, and so on, innermost first.
local function frames(thread)
  local found, level, count = {}, thread and 0 or 2, 0
  while count < 600 do
    local info = thread and getinfo(thread, level, "Sln") or not thread and getinfo(level, "Sln")
    if not info then break end
    if is_script(info) then
      found[count + 1], found[count + 2], found[count + 3] = info.source, info.currentline, frame_name(info)
      count = count + 3
    end
    level = level + 1
  end
  return found
end

--- The innermost script frame of the coroutine that runs: source, line, name, and the source as shown.
local function where()
  local current = running[1] ~= main and running[1]
  local level = current and 0 or 2
  while true do
    local info = current and getinfo(current, level, "Sln") or not current and getinfo(level, "Sln")
    if not info then return nil end
    if is_script(info) then
      return info.source, info.currentline, frame_name(info), shown[info.short_src] or info.short_src
    end
    level = level + 1
  end
end

--- An error value as scripts get it: what the host raised as an error table, paths in messages as people
--- know them.
local function presented(value)
  if type(value) == "userdata" then return host.error_value(value) end
  if type(value) ~= "string" then return value end
  local short, line, rest = string_match(value, "^(.-):(%d+): (.*)$")
  if not short then
    short, line, rest = string_match(value, "^(.-):(%d+):(.*)$")
    if not short then return value end
  end
  local path = shown[short]
  if not path then return value end
  return string_format("%s:%s: %s", path, line, presented(rest))
end

local function is_ending(value)
  if finished or rawequal(value, ENDING) then return true end
  if type(value) ~= "string" then return false end
  if has_memory_limit and value == "not enough memory" then is_memory_used_up = true end
  if is_memory_used_up or string_match(value, "[\2\3]$") and host.is_interrupted() then
    finished = true
    return true
  end
  return false
end

local function traceback_lines(text)
  text = string_gsub(text, "\n\t%?: in function '", "\n\t[C]: in function '")
  text = string_gsub(text, "\n\t%?: in [^\n]*", "")
  text = string_gsub(text, "\n\t%[C%]: in upvalue '%?'", "")
  text = string_gsub(text, "in function <(.-):(%d+)>", function(short, line)
    return shown[short] and string_format("in function <%s:%s>", shown[short], line)
  end)
  text = string_gsub(text, "\n\t([^\n]-):(%d+): in ", function(short, line)
    return shown[short] and string_format("\n\t%s:%s: in ", shown[short], line)
  end)
  return text
end

local function traceback(...)
  local first = ...
  local thread = type(first) == "thread"
  local message, level
  if thread then message, level = select(2, ...) else message, level = ... end
  if message ~= nil and type(message) ~= "string" and type(message) ~= "number" then return message end
  local text
  if thread then
    text = real_traceback(first, message, level)
  else
    text = real_traceback(message, (level or 1) + 1)
  end
  return traceback_lines(text)
end

-- Errors that the host raises ----------------------------------------------------------------------

-- All errors of the host share it, so scripts do not get it.
local HostError = { __name = "error", __metatable = "error" }

function HostError.__tostring(self)
  local message = rawget(self, "message")
  if not rawget(self, "file") then return message end
  return string_format("%s:%d: %s", self.file, self.line, message)
end

function HostError.__concat(left, right)
  return tostring(left) .. tostring(right)
end

--- Old scripts treat an error as a string: `err:match("…")` works on its text.
function HostError.__index(_, key)
  local method = whole.string[key]
  if not method then return nil end
  return function(subject, ...) return method(tostring(subject), ...) end
end

--- Whether an error says that something was cancelled, which is no fault.
local function is_cancellation(value)
  return rawequal(raw_metatable(value), HostError) and value.kind == "Cancelled"
end

--- An error of the host, at the place of the script's call; a cause has the place where it happened. `fields`:
--- what else is known of it.
local function new_error(kind, message, cause, placed, path, at, fields)
  local made = fields or {}
  made.kind, made.message, made.cause = kind, message, cause
  if path then
    made.file, made.line = shown[path] or path, at
  elseif placed then
    local _, line, _, file = where()
    made.file, made.line = file, line
  end
  return setmetatable(made, HostError)
end

