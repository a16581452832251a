-- Part of the agent (see agent.lua): what scopes and values are made of, in pages, and changing it.

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
