-- What the host calls ------------------------------------------------------------------------------

--- What a program does after its last statement: all that is under way, and an error that nobody looked at.
local function finish_work()
  drain()
  local rejected = unhandled_rejection()
  if rejected then
    look_at(rejected)
    crash = { value = rejected.value, frames = rejected.frames or {} }
    real_error(rejected.value, 0)
  end
end

--- The errors that nobody has looked at when the program ends of another: a list of values and their frames.
local function besides()
  local ages, found = {}, {}
  for age, record in next, unhandled do
    if not is_cancellation(record.value) then ages[#ages + 1] = age end
  end
  table.sort(ages)
  for index, age in next, ages do
    found[index] = { unhandled[age].value, unhandled[age].frames or {} }
  end
  return found
end

--- An error that nothing in the program caught: its value and the frames it had.
local function explained(value)
  local shown_value, where_it_was = presented(value), frames()
  if crash and rawequal(crash.value, value) then
    table.move(where_it_was, 1, #where_it_was, #crash.frames + 1, crash.frames)
    where_it_was = crash.frames
  end
  return shown_value, where_it_was
end

local function program(text, path, display, observed)
  local made, message = compile_file(text, path, display)
  if not made then return false, message, {} end
  local token = {}
  local function explain(value)
    if is_ending(value) then return end
    token.value, token.frames = explained(value)
    if observed then host.raised(type(value) == "userdata" and token.value or value) end
  end
  local ok, problem = real_xpcall(made, explain)
  if ok then ok, problem = real_xpcall(finish_work, explain) end
  if ok then return true end
  if not finished then close_tasks() end
  if fatal then return false, fatal.value, fatal.frames, besides() end
  if not token.frames then return false, problem, {} end   -- Lua explains nothing when memory is used up
  return false, token.value, token.frames, besides()
end

local function evaluate(text)
  local made = real_load("return " .. text, "=(eval)", "t")
  local message
  if not made then made, message = real_load(text, "=(eval)", "t") end
  if not made then return false, message, {} end
  local token = { suspendable = suspendable }
  return returned(token, running[1], real_xpcall(made, function(value)
    token.value, token.frames = presented(value), frames()
  end))
end

--- As it was before anything ran, for code that runs after other code was ended.
local function recover()
  running[1], suspendable, current, finished, crash, fatal = main, false, nil, false, nil, nil
  is_memory_used_up = false
end

--- What `session.lua` stands on.
local function inside(whole_debug)
  return {
    debug = whole_debug, load = real_load, pcall = real_pcall, xpcall = real_xpcall,
    frames = frames, presented = presented, is_ending = is_ending, explained = explained, drain = drain,
    take_rejection = function()
      local rejected = unhandled_rejection()
      if rejected then look_at(rejected) end
      return rejected
    end,
    fatal = function() return fatal end,
    name = function(name, display)
      shown[getinfo(real_load("", name, "t"), "S").short_src] = display
    end,
    reset = recover,
    go_on = function()
      while first <= last or host.has_next() do pump() end
    end,
    forget_waits = function()
      for ticket, waiter in next, waiting do
        if waiter == true then waiting[ticket] = nil end
      end
    end,
  }
end

return {
  inside = inside,
  running = running,
  is_memory_used_up = function() return is_memory_used_up end,
  program = program,
  evaluate = evaluate,
  call = call,
  where = where,
  object = object,
  shape = shape,
  gone = function()
    if #gone == 0 then return nil end
    local numbers = {}
    -- One that was made anew meanwhile goes when that one does.
    for index, number in next, gone do numbers[index] = not objects[number] and number or nil end
    gone = {}
    return numbers
  end,
  flat = flat,
  laid_out = function(...) return (laid_out({ ... }, 1)) end,
  table_mark = function() return TABLE end,
  empty_list = empty_list,
  is_empty_list = function(value) return empty_lists[value] == true and next(value) == nil end,
  bind = as_function,
  put = rawset,
  waiting = function(begin) return waiting_function(as_function(begin)) end,
  presented = presented,
  finish = function() finished = true end,
  recover = recover,
  error = new_error,
  is_error = function(value) return rawequal(raw_metatable(value), HostError) end,
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
