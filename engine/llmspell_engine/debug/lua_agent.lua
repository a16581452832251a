-- The debugger's hands inside an interpreter: it reads and writes frames through the debug library.
--
-- Called once, before any script code runs, with two functions of lua.py, the debug library, Lua's own
-- functions that the runtime has replaced, and the script's globals; returns the functions that lua.py
-- calls. Each stop hands `serve` to lua.py anew, so that what is asked runs in the stopped coroutine.
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

-- Frames -------------------------------------------------------------------------------------------

-- The level of a frame, as the caller of this function counts; nil where the frame is gone.
local function level_of(frame)
  if frame.stop ~= stop then
    return nil
  elseif frame.thread ~= stopped then
    return frame.level
  end
  local level = 0
  while true do
    local info = getinfo(stopped, level, "f")
    if not info then
      return nil
    elseif boundaries[info.func] then
      break
    end
    level = level + 1
  end
  return level + frame.level - (running() == stopped and 1 or 0)
end

-- The coroutine that a frame of `coroutine.resume` or a function of `coroutine.wrap` runs.
local function resumed_by(thread)
  local info = getinfo(thread, 0, "f")
  if not info then
    return nil
  end
  local _, value = getupvalue(info.func, 1)
  if type(value) ~= "thread" then
    _, value = getlocal(thread, 0, 1)
  end
  return type(value) == "thread" and value or nil
end

-- The stopped coroutine and those that wait for it, innermost first.
local function chain()
  local outer_first, thread = { main }, main
  while thread ~= stopped do
    thread = resumed_by(thread)
    if not thread then
      return { stopped }
    end
    outer_first[#outer_first + 1] = thread
  end
  local threads = {}
  for index = #outer_first, 1, -1 do
    threads[#threads + 1] = outer_first[index]
  end
  return threads
end

local function hold(entry)
  held[#held + 1] = entry
  return #held
end

local function frame_record(info, thread, level)
  local frame = { thread = thread, level = level, func = info.func, stop = stop }
  return {
    token = hold(frame),
    name = info.name,
    namewhat = info.namewhat,
    what = info.what,
    source = info.source,
    short = info.short_src,
    line = info.currentline,
    defined = info.linedefined,
  }
end

local function frames()
  local records, threads = {}, chain()
  if dead then
    insert(threads, 1, dead)
  end
  for _, thread in next, threads do
    local level = thread == stopped and 1 or 0
    while level <= FRAME_LIMIT do
      local at = level_of({ thread = thread, level = level, stop = stop })
      local info = at and getinfo(thread, at, "nSlf")
      if not info then
        break
      end
      records[#records + 1] = frame_record(info, thread, level)
      level = level + 1
    end
  end
  return records
end

-- The number of frames on the stopped coroutine, found without visiting each.
local function depth()
  local base = level_of({ thread = stopped, level = 0, stop = stop })
  if not base then
    return 0
  end
  local inside, outside = 0, 1
  while getinfo(stopped, base + outside, "l") do
    inside, outside = outside, outside * 2
  end
  while outside - inside > 1 do
    local middle = (inside + outside) // 2
    if getinfo(stopped, base + middle, "l") then
      inside = middle
    else
      outside = middle
    end
  end
  return inside
end

-- The varargs of a frame, packed.
local function varargs(frame)
  local level, values = level_of(frame), { n = 0 }
  while level do
    local name, value = getlocal(frame.thread, level, -(values.n + 1))
    if not name then
      break
    end
    values.n = values.n + 1
    values[values.n] = value
  end
  return values
end

-- The locals of a frame that have a name, in order: {name, index, value}.
local function locals(frame)
  local level, list, index = level_of(frame), {}, 1
  while level do
    local name, value = getlocal(frame.thread, level, index)
    if not name then
      break
    elseif byte(name) ~= 40 then -- "(": a temporary of Lua itself
      list[#list + 1] = { name = name, index = index, value = value }
    end
    index = index + 1
  end
  return list
end

-- The innermost local of a name: its index, or nil, and its value.
local function find_local(frame, wanted)
  local level, index, found, result = level_of(frame), 1, nil, nil
  while level do
    local name, value = getlocal(frame.thread, level, index)
    if not name then
      break
    elseif name == wanted then
      found, result = index, value
    end
    index = index + 1
  end
  return found, result
end

local function find_upvalue(func, wanted)
  for index = 1, 255 do
    local name, value = getupvalue(func, index)
    if not name then
      return nil
    elseif name == wanted then
      return index, value
    end
  end
end

-- Whether a name is a local or an upvalue of a frame, and its value.
local function lookup(frame, name)
  local index, value = find_local(frame, name)
  if index then
    return true, value
  end
  index, value = find_upvalue(frame.func, name)
  return index ~= nil, value
end

local function assign(frame, name, value)
  local index = find_local(frame, name)
  local level = level_of(frame)
  if index and level then
    setlocal(frame.thread, level, index, value)
    return true
  end
  index = find_upvalue(frame.func, name)
  if index then
    setupvalue(frame.func, index, value)
    return true
  end
  return false
end

local function globals_of(frame)
  local found, environment = lookup(frame, "_ENV")
  return found and type(environment) == "table" and environment or globals
end

-- Values, rendered -----------------------------------------------------------------------------------

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
  if info.what == "C" then
    return "function: native"
  end
  return "function: " .. info.short_src .. ":" .. info.linedefined
end

local function is_name(key)
  return type(key) == "string" and find(key, "^[%a_][%w_]*$") ~= nil
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

function preview(value, hex, level)
  if next(value) == nil then
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

-- Values, opened -------------------------------------------------------------------------------------

local ORDER = { string = 1, number = 2, boolean = 3 }

local function key_before(a, b)
  local kind, other = type(a), type(b)
  if kind == other and (kind == "string" or kind == "number") then
    return a < b
  elseif kind ~= other then
    return (ORDER[kind] or 4) < (ORDER[other] or 4)
  end
  return tostring(a) < tostring(b)
end

-- The keys of a table that are not in its sequence, sorted.
local function named_keys(value)
  local keys, count = {}, rawlen(value)
  for key in next, value do
    if not (mathtype(key) == "integer" and key >= 1 and key <= count) then
      keys[#keys + 1] = key
    end
  end
  local sortable = pcall(sort, keys, key_before)
  return sortable and keys or keys
end

local function key_label(key)
  return is_name(key) and key or "[" .. render(key, VIEW_LIMIT, false, 0) .. "]"
end

local function member_name(path, key)
  local kind = type(key)
  if not path or (kind ~= "string" and kind ~= "number" and kind ~= "boolean") then
    return nil
  end
  return is_name(key) and path .. "." .. key or path .. "[" .. render(key, math.huge) .. "]"
end

local function has_upvalues(value)
  local name = getupvalue(value, 1)
  return name and (name ~= "_ENV" or getupvalue(value, 2) ~= nil)
end

-- What the client sees of a value.
local function describe(name, value, path, hex, limit)
  local record = {
    name = name,
    value = render(value, limit or VIEW_LIMIT, hex),
    type = type(value) == "number" and mathtype(value) or type(value),
    evaluate_name = path,
  }
  if type(value) == "table" then
    local meta = getmetatable(value)
    local indexed, named = rawlen(value), meta and 1 or 0
    for key in next, value do
      named = named + 1
    end
    for index = 1, indexed do
      named = named - (rawget(value, index) ~= nil and 1 or 0)
    end
    record.indexed, record.named = indexed, named
    if indexed + named > 0 then
      record.token = hold({ kind = "table", value = value, path = path })
    end
  elseif type(value) == "function" and has_upvalues(value) then
    record.token = hold({ kind = "upvalues", func = value })
  end
  return record
end

-- Each kind of thing that can be opened lists its parts as {name, get, set, path, group}.
local parts_of = {}

function parts_of.locals(entry)
  local list, seen, parts = locals(entry.frame), {}, {}
  for index = #list, 1, -1 do
    local each = list[index]
    local times = (seen[each.name] or 0) + 1
    seen[each.name] = times
    local label = times == 1 and each.name or each.name .. " (shadowed" .. (times > 2 and " " .. times - 1 or "") .. ")"
    parts[index] = {
      name = label,
      value = each.value,
      path = times == 1 and each.name or nil,
      set = function(value)
        setlocal(entry.frame.thread, level_of(entry.frame), each.index, value)
      end,
    }
  end
  local extra = varargs(entry.frame)
  for index = 1, extra.n do
    parts[#parts + 1] = {
      name = "(vararg " .. index .. ")",
      value = extra[index],
      path = "(select(" .. index .. ", ...))",
      set = function(value)
        setlocal(entry.frame.thread, level_of(entry.frame), -index, value)
      end,
    }
  end
  return parts
end

function parts_of.upvalues(entry)
  local parts = {}
  for index = 1, 255 do
    local name, value = getupvalue(entry.func, index)
    if not name then
      break
    elseif name ~= "_ENV" then
      parts[#parts + 1] = {
        name = name == "" and "(upvalue " .. index .. ")" or name,
        value = value,
        path = entry.frame and not find_local(entry.frame, name) and name or nil,
        set = function(new)
          setupvalue(entry.func, index, new)
        end,
      }
    end
  end
  return parts
end

local function field(container, key, path)
  return {
    name = key_label(key),
    value = rawget(container, key),
    path = path,
    set = function(value)
      rawset(container, key, value)
    end,
  }
end

local function global_part(entry, key)
  local path = is_name(key) and not lookup(entry.frame, key) and key or member_name("_G", key)
  return field(entry.value, key, path)
end

function parts_of.globals(entry)
  local parts = {}
  for _, key in next, named_keys(entry.value) do
    if not (standard[key] or provided[key]) then
      parts[#parts + 1] = global_part(entry, key)
    end
  end
  for index = 1, rawlen(entry.value) do
    parts[#parts + 1] = global_part(entry, index)
  end
  parts[#parts + 1] = { name = "(llmspell API)", group = provided, value = "" }
  parts[#parts + 1] = { name = "(standard library)", group = standard, value = "" }
  return parts
end

function parts_of.group(entry)
  local parts = {}
  for _, key in next, named_keys(entry.group) do
    local part = global_part(entry, key)
    if part.value == nil and entry.value ~= globals then
      part.value = rawget(globals, key)
    end
    parts[#parts + 1] = part
  end
  return parts
end

function parts_of.table(entry)
  local parts = {}
  for _, key in next, named_keys(entry.value) do
    parts[#parts + 1] = field(entry.value, key, member_name(entry.path, key))
  end
  local meta = getmetatable(entry.value)
  if meta ~= nil then
    parts[#parts + 1] = { name = "(metatable)", value = meta, path = entry.path and "getmetatable(" .. entry.path .. ")" }
  end
  return parts
end

local function named_parts(entry)
  entry.parts = entry.parts or parts_of[entry.kind](entry)
  return entry.parts
end

local function part_record(entry, part, hex)
  if part.group then
    local group = { kind = "group", group = part.group, value = entry.value, frame = entry.frame }
    return { name = part.name, value = "", type = "", token = hold(group), read_only = true }
  end
  local record = describe(part.name, part.value, part.path, hex)
  record.read_only = part.set == nil
  return record
end

-- The parts of what a token stands for, a window of them: first the sequence, then the named ones.
local function children(token, kind, start, count, hex)
  local entry, records = held[token], {}
  local indexed = entry.kind == "table" and kind ~= "named" and rawlen(entry.value) or 0
  local stop_at = count and start + count or math.huge
  for index = start + 1, math.min(stop_at, indexed) do
    local part = field(entry.value, index, member_name(entry.path, index))
    records[#records + 1] = part_record(entry, part, hex)
  end
  if kind ~= "indexed" or entry.kind ~= "table" then
    local parts = named_parts(entry)
    for index = math.max(start - indexed, 0) + 1, math.min(stop_at - indexed, #parts) do
      records[#records + 1] = part_record(entry, parts[index], hex)
    end
  end
  return records
end

local function scopes(token)
  local frame = held[token]
  if getinfo(frame.func, "S").what == "C" then
    return {}
  end
  local records = {
    { name = "Locals", kind = "locals", token = hold({ kind = "locals", frame = frame }) },
  }
  if has_upvalues(frame.func) then
    local entry = { kind = "upvalues", func = frame.func, frame = frame }
    records[#records + 1] = { name = "Closure", kind = "closure", token = hold(entry) }
  end
  local entry = { kind = "globals", value = globals_of(frame), frame = frame }
  records[#records + 1] = { name = "Globals", kind = "globals", token = hold(entry) }
  return records
end

-- Expressions ----------------------------------------------------------------------------------------

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

-- Errors ---------------------------------------------------------------------------------------------

local problem_now -- the error at hand
local was_uncaught = false -- whether an error that nobody will catch was shown already

local function describe_error(problem)
  local record = { kind = type(problem), text = error_text(problem) }
  if type(problem) == "string" then
    record.kind = "error"
  elseif type(problem) == "table" then
    local kind, text = rawget(problem, "kind"), rawget(problem, "message")
    record.kind = type(kind) == "string" and kind or "table"
    record.text = type(text) == "string" and text or record.text
    record.cause = rawget(problem, "cause")
  end
  return record
end

local function error_condition(text, problem)
  local scope = setmetatable({ error = problem }, { __index = globals, __newindex = globals })
  local compiled, complaint = compile(text, scope)
  if not compiled then
    return nil, complaint
  end
  local ok, value = pcall(compiled)
  if not ok then
    return nil, error_text(value)
  end
  return value and true or false
end

-- Whether something on the stack will catch an error: a protected call other than the runtime's own
-- around the whole program, or a coroutine that was resumed by `coroutine.resume`.
local function is_protected(resumer)
  local protected = 0
  for _, thread in next, chain() do
    local level = 0
    while true do
      local info = getinfo(thread, level, "f")
      if not info then
        break
      elseif info.func == resumer then
        return true
      elseif info.func == xpcall or info.func == pcall then
        protected = protected + 1
      end
      level = level + 1
    end
  end
  return protected > 1
end

local function report(uncaught)
  local before = stopped
  stopped = running()
  raised(problem_now, uncaught, serve)
  stopped, dead, problem_now = before, nil, nil
end
boundaries[report] = true

-- These take the place of the marks below, which cost next to nothing while no filter asks for them.
local function caught_hook()
  report(false)
end

local function died_hook()
  stopped = running()
  was_uncaught = not is_protected(coroutine.resume)
  report(was_uncaught)
end

-- The message handler of a protected call of the script; its frames still stand.
local function on_caught(problem)
  problem_now = natives.presented(problem);
  ("$MARK0")()
  return problem
end

local function on_died(thread, problem)
  if status(thread) == "dead" and getinfo(thread, 0, "f") and problem ~= "cannot resume dead coroutine" then
    problem_now, dead = natives.presented(problem), thread;
    ("$MARK1")()
    dead = nil
  end
end

local function uncaught(problem)
  if not was_uncaught then
    problem_now = problem
    report(true)
  end
end

local function protected(f, ...)
  return xpcall(f, on_caught, ...)
end

local function watched_pcall(...)
  if select("#", ...) == 0 then
    return pcall()
  end
  return protected(...)
end

local function watched_xpcall(f, handler, ...)
  if type(handler) ~= "function" then
    return xpcall(f, handler, ...)
  end
  return xpcall(f, function(problem)
    return handler(on_caught(problem))
  end, ...)
end

local function after_resume(thread, ok, ...)
  if not ok and type(thread) == "thread" then
    on_died(thread, (...))
  end
  return ok, ...
end

local function watched_resume(thread, ...)
  return after_resume(thread, resume(thread, ...))
end

-- Let a function of the runtime use another in the place of one of Lua's own, for itself alone.
local function replace(func, native, with)
  for index = 1, 255 do
    local name, value = getupvalue(func, index)
    if not name then
      return
    elseif value == native then
      debug.upvaluejoin(func, index, function()
        return with
      end, 1)
    end
  end
end

replace(globals.pcall, pcall, watched_pcall)
replace(globals.xpcall, xpcall, watched_xpcall)
replace(globals.coroutine.resume, resume, watched_resume)
replace(globals.coroutine.wrap, resume, watched_resume)

-- Entry ----------------------------------------------------------------------------------------------

local function forget()
  held = {}
  stop = {}
end

local operations = {
  frames = frames,
  depth = function()
    return thread_id(stopped), depth()
  end,
  waiting = function()
    local ids = {}
    for index, thread in next, chain() do
      ids[index] = thread_id(thread)
    end
    return ids
  end,
  alive = function(id)
    local thread = threads_by_id[id]
    return thread ~= nil and status(thread) ~= "dead"
  end,
  scopes = scopes,
  children = children,
  evaluate = evaluate,
  set_child = set_child,
  peek = peek,
  condition = condition,
  describe_error = describe_error,
  error_condition = error_condition,
  forget = forget,
  address = function()
    return format("%p", stopped)
  end,
}

function serve(operation, ...)
  return operations[operation](...)
end

-- An armed statement was reached.
local function enter(id)
  local before = stopped
  stopped = running()
  reached(id, serve)
  stopped = before
  if next(verdicts) then
    verdicts = {}
  end
end
boundaries[enter] = true

-- A statement was reached whose breakpoints all have conditions: lua.py hears of it only if one holds,
-- or fails. `guards` are pairs of a condition's text and its function.
local function enter_guarded(id, guards)
  local holds = false
  for index = 1, #guards, 2 do
    local ok, value = pcall(guards[index + 1])
    if ok then
      verdicts[guards[index]] = value and true or false
    end
    holds = holds or not ok or value
  end
  if not holds then
    verdicts = {}
    return
  end
  return enter(id)
end

-- The level of the script's frame, as a guard counts: above it are itself, `pcall` and `enter_guarded`.
local GUARDED_LEVEL = 4

-- A condition as a function that reads its variables from where they lie at this statement, always the
-- same places. `names` are the variables that it may use.
local function guard(text, names)
  innermost.thread, innermost.stop = stopped, stop
  innermost.func = getinfo(stopped, level_of(innermost), "f").func
  local lines = { "local getlocal, getupvalue, getinfo = ...", "return function()", "local _" }
  for _, name in next, names do
    local index = find_local(innermost, name)
    local upvalue = not index and find_upvalue(innermost.func, name)
    if index then
      lines[#lines + 1] = format("local _, %s = getlocal(%d, %d)", name, GUARDED_LEVEL, index)
    elseif upvalue then
      local func = format('getinfo(%d, "f").func', GUARDED_LEVEL)
      lines[#lines + 1] = format("local _, %s = getupvalue(%s, %d)", name, func, upvalue)
    end
  end
  lines[#lines + 1] = "return " .. text .. "\nend"
  local made = load(concat(lines, "\n"), CHUNK, "t", globals_of(innermost))
  return made and made(getlocal, getupvalue, getinfo)
end

-- The hook for a probe whose breakpoints all have conditions, and its address; nil where that is not
-- possible. `texts` and `names` are lists as long as each other.
local function make_guarded_hook(id, texts, names)
  local guards = {}
  for index, text in next, texts do
    local made = guard(text, names[index])
    if not made then
      return nil
    end
    insert(guards, text)
    insert(guards, made)
  end
  local function hook()
    return enter_guarded(id, guards)
  end
  return { hook, format("%p", hook) }
end
operations.make_guarded_hook = make_guarded_hook

-- Hooks for probes with numbers from an id on, and their addresses.
local function make_hooks(first, count)
  local hooks, addresses = {}, {}
  for offset = 1, count do
    local id = first + offset - 1
    hooks[offset] = function()
      return enter(id)
    end
    addresses[offset] = format("%p", hooks[offset])
  end
  return hooks, concat(addresses, " ")
end

-- Where compiled functions cannot be changed, calling a string is given a meaning instead: every
-- statement reports itself, and lua.py lets those go on at once that are not armed.
local function call_strings(mark)
  local hooks = { [0] = caught_hook, [1] = died_hook }
  getmetatable("").__call = function(text)
    if sub(text, 1, #mark) ~= mark then
      error("attempt to call a string value", 2)
    end
    local id = math.tointeger(sub(text, #mark + 1))
    if hooks[id] then
      return hooks[id]()
    end
    return enter(id)
  end
end

return make_hooks, uncaught, call_strings, caught_hook, died_hook
