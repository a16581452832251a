-- Part of the agent (see agent.lua): coroutines, frames, and the variables that a frame sees.

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
