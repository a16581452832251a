-- What a Lua script finds in its globals before any API: the standard library of the default profile,
-- with printing, input, loading and errors led through the host.
--
-- The chunk is compiled without debug information, so that its functions look like the C functions they
-- replace: `error("…", 2)` and tracebacks of a script come out as in plain Lua.
--
-- It is called with the host's functions and gives back the functions the host calls.

local host = ...

local string_format, string_match, string_gsub = string.format, string.match, string.gsub
local table_concat, table_pack = table.concat, table.pack
local getinfo, real_traceback = debug.getinfo, debug.traceback
local real_error, real_load, real_pcall, real_xpcall = error, load, pcall, xpcall
local create, resume = coroutine.create, coroutine.resume
local rawequal, rawget, select, setmetatable, type = rawequal, rawget, select, setmetatable, type
local tostring, getmetatable, next = tostring, getmetatable, next
local as_function = python.as_function
python = nil

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

-- Frames and messages ------------------------------------------------------------------------------

local function is_script(info)
  return info.what ~= "C" and info.source ~= "=?"
end

local function frame_name(info)
  if info.what == "main" then return "main chunk" end
  return info.name or string_format("function at line %d", info.linedefined)
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
  if type(value) == "string" and string_match(value, "[\2\3]$") and host.is_interrupted() then
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

local HostError = { __name = "error" }

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
  local method = string[key]
  if not method then return nil end
  return function(subject, ...) return method(tostring(subject), ...) end
end

--- An error of the host, at the place of the script's call.
local function new_error(kind, message, cause, placed)
  local made = { kind = kind, message = message, cause = cause }
  if placed then
    local _, line, _, file = where()
    made.file, made.line = file, line
  end
  return setmetatable(made, HostError)
end

-- Calls into the host and back ---------------------------------------------------------------------
--
-- What scripts call are C functions that lupa makes of Python's. A function of Lua would not do: called
-- as `return Tool.execute(…)` it would take the place of its caller on the stack, and with it the line
-- that an error is to name.

local function returned(token, previous, ok, ...)
  running[1] = previous
  if ok then return true, ... end
  return false, token.value, token.frames
end

--- Call a function the host holds; an error comes back as false, its value and its frames.
local function call(number, ...)
  local token, previous = {}, running[1]
  running[1] = main
  return returned(token, previous, real_xpcall(functions[number], function(value)
    token.value, token.frames = presented(value), frames()
  end, ...))
end

--- An API object: its fields, and its methods by name, as functions of the host.
local function object(number, name, fields, methods, lookup)
  local made = fields
  for method, function_ in next, methods do made[method] = as_function(function_) end
  local meta = { __name = name, __metatable = name }
  function meta.__tostring() return name end
  if lookup then
    function meta.__index(_, key)
      if type(key) == "string" then return lookup(key) end
    end
  end
  handles[made], objects[number] = number, made
  return setmetatable(made, meta)
end

-- The standard library -----------------------------------------------------------------------------

local function checked(ok, ...)
  if ok then return true, ... end
  local value = ...
  if is_ending(value) then real_error(ENDING, 0) end
  return false, presented(value)
end

function pcall(...)
  return checked(real_pcall(...))
end

function xpcall(f, handler, ...)
  if type(handler) ~= "function" then return real_xpcall(f, handler, ...) end
  return checked(real_xpcall(f, function(value)
    if is_ending(value) then return ENDING end
    return handler(presented(value))
  end, ...))
end

local function resumed(previous, ...)
  running[1] = previous
  return checked(...)
end

function coroutine.resume(thread, ...)
  if type(thread) ~= "thread" then return resume(thread, ...) end
  local previous = running[1]
  running[1] = thread
  return resumed(previous, resume(thread, ...))
end

local real_close = coroutine.close
function coroutine.close(thread)
  return checked(real_close(thread))
end

local function wrapped(previous, thread, ok, ...)
  running[1] = previous
  if ok then return ... end
  local value = presented((...))
  if not is_ending(value) then crash = { value = value, frames = frames(thread) } end
  real_close(thread)
  return real_error(value, 0)
end

function coroutine.wrap(f)
  local thread = create(f)
  return function(...)
    local resumed_thread = thread   -- the first upvalue, by which the debugger knows a wrapping function
    local previous = running[1]
    running[1] = resumed_thread
    return wrapped(previous, resumed_thread, resume(resumed_thread, ...))
  end
end

function print(...)
  local words = table_pack(...)
  for index = 1, words.n do words[index] = tostring(words[index]) end
  host.out(table_concat(words, "\t") .. "\n")
end

local warnings = false    -- as in plain Lua, until `warn("@on")`

function warn(first, ...)
  if select("#", ...) == 0 and (first == "@on" or first == "@off") then
    warnings = first == "@on"
  elseif warnings then
    host.err("Lua warning: " .. table_concat({ first, ... }) .. "\n")
  end
end

local function stream(name, write)
  local file = {}
  function file.write(self, ...)
    write(table_concat({ ... }))
    return self
  end
  function file.flush(self) return self end
  function file.close() return nil, "standard files cannot be closed" end
  function file.setvbuf() return true end
  function file.seek() return nil, "standard files cannot be searched" end
  return setmetatable(file, { __name = "FILE*", __tostring = function() return "file (" .. name .. ")" end })
end

local function read_one(format)
  format = string_gsub(tostring(format), "^%*", "")
  if type(format) == "number" then format = tostring(format) end
  return host.read(format)
end

local function read(first, ...)
  if first == nil then first = "l" end
  local value = read_one(first)
  if value == nil or select("#", ...) == 0 then return value end
  return value, read(...)
end

local function lines(...)
  local formats = table_pack(...)
  return function() return read(table.unpack(formats, 1, formats.n)) end
end

local out, err, input = stream("stdout", host.out), stream("stderr", host.err), stream("stdin", host.err)
function input.read(_, ...) return read(...) end
function input.lines(_, ...) return lines(...) end
function input.write() return nil, "standard input cannot be written" end

local only_standard = "files are not open to scripts: only standard input and output are; use the file-operations tool"
io = {
  stdout = out,
  stderr = err,
  stdin = input,
  read = read,
  write = function(...) return out:write(...) end,
  lines = function(name, ...)
    if name ~= nil then real_error(only_standard, 2) end
    return lines(...)
  end,
  open = function() real_error(only_standard, 2) end,
  type = function(value)
    if value == out or value == err or value == input then return "file" end
    return nil
  end,
}

local function exit(code)
  if code == nil or code == true then code = 0 end
  if code == false then code = 1 end
  host.exit(code)
end

os = { time = os.time, clock = os.clock, date = os.date, difftime = os.difftime, exit = exit }
debug = { traceback = traceback, getinfo = getinfo }

-- Loading ------------------------------------------------------------------------------------------

--- Compile a source that the host has prepared; environment is a table with `n`, as packed arguments.
local function compile(text, name, path, environment)
  local made, message
  if environment and environment.n > 0 then
    made, message = real_load(text, name, "t", environment[1])
  else
    made, message = real_load(text, name, "t")
  end
  if not made then return nil, message end
  host.compiled(path, made)
  return made
end

local function compile_file(text, path, display, environment)
  local name = "@" .. path
  local probe = real_load("", name, "t")
  shown[getinfo(probe, "S").short_src] = display
  local made, message = compile(text, name, path, environment)
  if made then return made end
  return nil, presented(message)
end

local function pieces(reader)
  local parts = {}
  while true do
    local piece = reader()
    if piece == nil or piece == "" then return table_concat(parts) end
    if type(piece) ~= "string" then real_error("reader function must return a string", 3) end
    parts[#parts + 1] = piece
  end
end

function load(chunk, name, mode, ...)
  if type(chunk) == "function" then
    local ok, text = checked(real_pcall(pieces, chunk))
    if not ok then return nil, text end
    chunk, name = text, name or "=(load)"
  elseif type(chunk) ~= "string" then
    real_error("bad argument #1 to 'load' (string or function expected, got " .. type(chunk) .. ")", 2)
  end
  if string.sub(chunk, 1, 1) == "\27" or mode == "b" then
    return nil, "binary chunks are not open to scripts"
  end
  name = name or chunk
  local path = string_match(name, "^@(.*)$") or name
  return compile(host.prepare(path, chunk), name, path, table_pack(...))
end

local loading = {}   -- paths of the modules being loaded, outermost first

--- The file that asks for another one. `return require("x")` leaves no frame of its own.
local function requester()
  if #loading > 0 and getinfo(2, "t").istailcall then return loading[#loading] end
  local source = where()
  return source and string_match(source, "^@(.*)$")
end

function loadfile(name, _, ...)
  local text, path, display = host.file(name, requester())
  if not text then return nil, path end
  return compile_file(text, path, display, table_pack(...))
end

function dofile(name)
  local text, path, display = host.file(name, requester())
  if not text then real_error(path, 2) end
  local made, message = compile_file(text, path, display)
  if not made then real_error(message, 0) end
  return made()
end

local loaded, preload = {}, {}
local modules, named, standard = {}, {}, {}   -- by path: the value, and the names it was required by
local display_of = {}

package = { loaded = loaded, preload = preload, config = "/\n;\n?\n!\n-\n" }
for _, name in next, { "string", "table", "math", "utf8", "coroutine", "os", "io", "debug", "package" } do
  loaded[name], standard[name] = _G[name], true
end
loaded._G, standard._G = _G, true

local popping = { __close = function() loading[#loading] = nil end }

local function refuse_circle(path)
  for index, other in next, loading do
    if other == path then
      local chain = {}
      for at = index, #loading do chain[#chain + 1] = display_of[loading[at]] or loading[at] end
      chain[#chain + 1] = chain[1]
      real_error("modules require each other in a circle: " .. table_concat(chain, " -> "), 3)
    end
  end
end

local function run_module(name, path, loader, extra)
  loading[#loading + 1] = path
  local _ <close> = setmetatable({}, popping)
  local value = loader(name, extra)
  if value ~= nil then loaded[name] = value end
  if loaded[name] == nil then loaded[name] = true end
  modules[path] = loaded[name]
  named[path] = named[path] or {}
  named[path][name] = true
  return loaded[name], extra
end

function require(name)
  if type(name) ~= "string" then
    real_error("bad argument #1 to 'require' (string expected, got " .. type(name) .. ")", 2)
  end
  if standard[name] and loaded[name] ~= nil then return loaded[name] end
  if preload[name] then
    if loaded[name] ~= nil then return loaded[name] end
    return run_module(name, ":preload:" .. name, preload[name], ":preload:")
  end
  local text, path, display = host.module(name, requester())
  if not text then
    if loaded[name] ~= nil then return loaded[name] end
    real_error(path, 2)
  end
  local forgotten = named[path] and named[path][name] and loaded[name] == nil
  if modules[path] ~= nil and not forgotten then return modules[path], path end
  refuse_circle(path)
  display_of[path] = display
  local made, message = compile_file(text, path, display)
  if not made then real_error("error loading module '" .. name .. "': " .. message, 2) end
  return run_module(name, path, made, path)
end

-- What the host calls ------------------------------------------------------------------------------

local function program(text, path, display, observed)
  local made, message = compile_file(text, path, display)
  if not made then return false, message, {} end
  local token = {}
  local ok = real_xpcall(made, function(value)
    if is_ending(value) then return end
    token.value, token.frames = presented(value), frames()
    if crash and rawequal(crash.value, value) then
      table.move(token.frames, 1, #token.frames, #crash.frames + 1, crash.frames)
      token.frames = crash.frames
    end
    if observed then host.raised(type(value) == "userdata" and token.value or value) end
  end)
  if ok then return true end
  return false, token.value, token.frames
end

local function evaluate(text)
  local made = real_load("return " .. text, "=(eval)", "t")
  local message
  if not made then made, message = real_load(text, "=(eval)", "t") end
  if not made then return false, message, {} end
  local token = {}
  return returned(token, running[1], real_xpcall(made, function(value)
    token.value, token.frames = presented(value), frames()
  end))
end

return {
  running = running,
  program = program,
  evaluate = evaluate,
  call = call,
  where = where,
  object = object,
  bind = as_function,
  presented = presented,
  finish = function() finished = true end,
  error = new_error,
  is_error = function(value) return rawequal(getmetatable(value), HostError) end,
  keep = function(value)
    if numbers[value] then return numbers[value] end
    last_number = last_number + 1
    functions[last_number], numbers[value] = value, last_number
    return last_number
  end,
  kept = function(number) return functions[number] end,
  release = function(number)
    local value = functions[number]
    if value ~= nil then functions[number], numbers[value] = nil, nil end
  end,
  identify = function(value) return string_format("%p", value), handles[value] end,
  object_of = function(number) return objects[number] end,
  text = function(value)
    local ok, text = real_pcall(tostring, value)
    return ok and text or type(value)
  end,
}
