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

local protected_call = pcall

function xpcall(f, handler, ...)
  if type(handler) ~= "function" then return real_xpcall(f, handler, ...) end
  return checked(real_xpcall(f, function(value)
    if is_ending(value) then return ENDING end
    return handler(presented(value))
  end, ...))
end

local function checked_resumed(_, ...)
  return checked(...)
end

local function wrapped(thread, ok, ...)
  if ok then return ... end
  local raised = ...
  local value = presented(raised)
  if is_ending(value) then
    real_close(thread)
    return real_error(ENDING, 0)
  end
  crash = { value = value, frames = frames(thread) }
  -- What fails as the coroutine is closed takes the place of what ended it, as in plain Lua.
  local _, found = real_close(thread)
  return real_error(rawequal(found, raised) and value or presented(found), 0)
end

--- What lets a coroutine go on and hands what it gives to `done`. A wait in it is handed up to its task.
local function resuming(done)
  local function resumed(thread, previous, was_suspendable, ok, ...)
    running[1], suspendable = previous, was_suspendable
    if ok and rawequal((...), WAIT) then
      yield(WAIT)
      running[1], suspendable = thread, true
      return resumed(thread, previous, was_suspendable, resume(thread))
    end
    return done(thread, ok, ...)
  end
  return function(thread, ...)
    local previous, was_suspendable = running[1], suspendable
    running[1], suspendable = thread, was_suspendable and isyieldable()
    return resumed(thread, previous, was_suspendable, resume(thread, ...))
  end, resumed
end

local resume_protected, resumed_protected = resuming(checked_resumed)
local resume_wrapped, resumed_wrapped = resuming(wrapped)
-- For the debugger: what calls Lua's own `resume`, first what catches the coroutine's errors.
host.resumers({ resume_protected, resumed_protected }, { resume_wrapped, resumed_wrapped, step })

function coroutine.resume(thread, ...)
  if type(thread) ~= "thread" then return resume(thread, ...) end
  return resume_protected(thread, ...)
end

function coroutine.close(thread)
  return checked(real_close(thread))
end

function coroutine.wrap(f)
  local thread = create(f)
  return function(...)
    local resumed_thread = thread   -- the first upvalue, by which the debugger knows a wrapping function
    return resume_wrapped(resumed_thread, ...)
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

--- A path as the host allows it, where a script may touch it. Raises.
local function allowed(name, writes)
  if type(name) ~= "string" then
    real_error("bad argument #1 (string expected, got " .. type(name) .. ")", 3)
  end
  return host.path(name, writes)
end

local refuse_files   -- raises, where the profile lets no files be opened; see loading.lua

local function open(name, mode)
  return whole.io.open(allowed(name, mode ~= nil and string_match(mode, "^rb?$") == nil), mode)
end

do
  local function file_type(value)
    if value == out or value == err or value == input then return "file" end
    return whole.io.type(value)
  end

  local from, to = input, out   -- what `io.read` and `io.write` take where no file is named

  --- The file to take from now on, by its name or itself; the one until now where none is given.
  local function chosen(file, mode, before)
    if file == nil then return before end
    if type(file) ~= "string" then
      if file_type(file) then return file end
      real_error("bad argument #1 (FILE* expected, got " .. type(file) .. ")", 3)
    end
    if refuse_files then return refuse_files() end
    local opened, problem = open(file, mode)
    if not opened then real_error(problem, 3) end
    return opened
  end

  io = {
    stdout = out,
    stderr = err,
    stdin = input,
    read = function(...)
      if from == input then return read(...) end
      return from:read(...)
    end,
    write = function(...) return to:write(...) end,
    flush = function()
      if to ~= out then to:flush() end
      return to
    end,
    lines = function(name, ...)
      if name == nil then
        if from == input then return lines(...) end
        return from:lines(...)
      end
      if refuse_files then return refuse_files() end
      return whole.io.lines(allowed(name, false), ...)
    end,
    open = open,
    input = function(file)
      from = chosen(file, "r", from)
      return from
    end,
    output = function(file)
      to = chosen(file, "w", to)
      return to
    end,
    close = function(file)
      if file ~= nil and not file_type(file) then
        real_error("bad argument #1 to 'close' (FILE* expected, got " .. type(file) .. ")", 2)
      end
      return (file or to):close()
    end,
    tmpfile = whole.io.tmpfile,
    type = file_type,
  }
end

local function exit(code)
  if code == nil or code == true then code = 0 end
  if code == false then code = 1 end
  host.exit(code)
end

os = {
  time = os.time, clock = os.clock, date = os.date, difftime = os.difftime, exit = exit,
  getenv = as_function(host.variable),
  execute = os.execute,
  tmpname = os.tmpname,
  remove = function(name) return whole.os.remove(allowed(name, true)) end,
  rename = function(old, new) return whole.os.rename(allowed(old, true), allowed(new, true)) end,
}

--- What is known of a function or a level of the stack, without the function itself: scripts do not reach the
--- functions that called them.
local function described(...)
  local given = table_pack(...)
  local at = type(given[1]) == "thread" and 2 or 1
  if at == 1 and math.type(given[1]) then given[1] = given[1] + 1 end
  local found = getinfo(table.unpack(given, 1, given.n))
  if found and type(given[at]) ~= "function" then found.func = nil end
  return found
end

-- What the profile leaves out ----------------------------------------------------------------------

string.dump = nil
debug = copied(whole.debug)
debug.traceback = traceback

if not host.has_finalizers then
  debug.getinfo = described
  local collect = collectgarbage
  local open_options = { collect = true, count = true, step = true, isrunning = true }

  function collectgarbage(option, ...)
    if option ~= nil and not open_options[option] then host.refuse_option(tostring(option)) end
    return collect(option, ...)
  end

  local set = setmetatable

  --- Finalizers run where no limit holds, so there are none.
  _G.setmetatable = function(...)
    local object, meta = ...
    if type(object) ~= "table" then
      real_error("bad argument #1 to 'setmetatable' (table expected, got " .. type(object) .. ")", 2)
    end
    if select("#", ...) < 2 or meta ~= nil and type(meta) ~= "table" then
      real_error("bad argument #2 to 'setmetatable' (nil or table expected)", 2)
    end
    if meta and rawget(meta, "__gc") ~= nil then host.refuse_finalizer() end
    return set(object, meta)
  end
end

if not host.has_string_metatable then raw_metatable("").__metatable = "string" end

