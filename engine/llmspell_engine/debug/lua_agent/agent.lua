-- The debugger's hands inside an interpreter: it reads and writes frames through the debug library.
--
-- The files of this folder are one chunk, joined in the order that lua.py names, this one first: they
-- share its locals. It is called once, before any script code runs, with two functions of lua.py, the
-- debug library, Lua's own functions that the runtime has replaced, and the script's globals; it returns
-- the functions that lua.py calls. Each stop hands `serve` to lua.py anew, so that what is asked runs in
-- the stopped coroutine.
--
-- The chunk runs without debug information, as the runtime's prelude does, so that neither a script's
-- messages and tracebacks nor the debugger's stack show it. `$MARK` is put in by lua.py: see
-- lua_bytecode.py.
--
-- A frame is a coroutine and a level. Levels of the stopped coroutine are counted from the
-- *boundary*, the debugger's own innermost function on it, because frames above that come and go.
-- A token is an index into `held`, emptied when the script goes on. Nothing here runs a metamethod,
-- except where the user evaluates an expression that does.

local reached, raised, debug, natives, globals = ...
local getinfo, getlocal, setlocal = debug.getinfo, debug.getlocal, debug.setlocal
local getupvalue, setupvalue, getmetatable = debug.getupvalue, debug.setupvalue, debug.getmetatable
local load, pcall, xpcall, resume = natives.load, natives.pcall, natives.xpcall, natives.resume
local type, tostring, next, select, error = type, tostring, next, select, error
local rawget, rawset, rawlen, rawequal, setmetatable = rawget, rawset, rawlen, rawequal, setmetatable
local running, status = coroutine.running, coroutine.status
local format, sub, gsub, byte, find, match = string.format, string.sub, string.gsub, string.byte, string.find, string.match
local concat, sort, unpack, pack, insert = table.concat, table.sort, table.unpack, table.pack, table.insert
local mathtype, utf8len = math.type, utf8.len

local VIEW_LIMIT = 1000 -- characters of a string that a view shows
local PREVIEW_LIMIT = 60 -- characters of a table's preview
local FRAME_LIMIT = 3000 -- frames of a coroutine that are shown: finding each takes longer than the one before
local CHUNK = "=(debugger)"
local main = running()

local boundaries = setmetatable({}, { __mode = "k" })
local held = {}
local stop = {} -- replaced when the script goes on: what was made for one stop knows that it is over
local stopped -- the coroutine that has stopped
local dead -- a coroutine that an error has just ended, when that is why
local serve

local thread_ids, threads_by_id, last_thread = setmetatable({}, { __mode = "k" }), setmetatable({}, { __mode = "v" }), 0

-- A number that tells a coroutine from others.
local function thread_id(thread)
  if not thread_ids[thread] then
    last_thread = last_thread + 1
    thread_ids[thread], threads_by_id[last_thread] = last_thread, thread
  end
  return thread_ids[thread]
end

local standard, provided = {}, {} -- the names of globals that the script did not make
for name in next, globals do
  provided[name] = true
end
for name in ([[_G _VERSION assert collectgarbage coroutine debug dofile error getmetatable io ipairs load loadfile
  math next os package pairs pcall print rawequal rawget rawlen rawset require select setmetatable string table
  tonumber tostring type utf8 xpcall warn]]):gmatch("%S+") do
  standard[name] = provided[name]
  provided[name] = nil
end
