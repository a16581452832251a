-- Async --------------------------------------------------------------------------------------------

local sleep = waiting_function(host.sleep)

--- Wait for what several promises come to. Those that are left are cancelled when that is known, and when who
--- waits is cancelled.
local function owning(promises, combined)
  local results = table_pack(real_pcall(await, combined))
  for index = 1, #promises do cancel(promises[index], "what it was for has ended") end
  if not results[1] then real_error(results[2], 0) end
  return results[2]
end

local function at_once(combine)
  return function(work)
    local promises = {}
    for index = 1, #work do
      if not fitting.work(work[index]) then
        argument_error(string_format("Async: 'work[%d]' must be %s, but %s was given", index, described.work,
          shown_value(work[index])))
      end
      promises[index] = promised(work[index])
    end
    return owning(promises, combine(promises))
  end
end

local function timeout(work, seconds)
  local promise, timer, ran_out = promised(work), new_promise(), false
  local _, task = start(function()
    sleep(seconds)
    ran_out = true
  end, timer)
  step(task)
  local ended = race({ promise, timer })
  local ok, value = real_pcall(await, ended)
  cancel(timer)
  if not ran_out or record_of(promise).state ~= "pending" and ok and record_of(promise).state == "fulfilled" then
    if not ok then
      cancel(promise, "who waited for it was cancelled")
      real_error(value, 0)
    end
    return value
  end
  cancel(promise, "it took too long")
  local message = string_format("the work took longer than %s seconds", tostring(seconds))
  return real_error(new_error("TimeoutError", message, nil, true), 0)
end

local retry_options = {
  attempts = { "count", 3 }, base_delay = { "number", 0.5 }, max_delay = { "number", 30 },
  jitter = { "boolean", true }, on_retry = { "function" },
}

local table_sort = table.sort

--- Options with their defaults. Raises for those that do not exist, or are of another type.
local function options_of(where_called, given, known)
  local options = {}
  for key, kind_and_default in next, known do options[key] = kind_and_default[2] end
  for key, value in next, given or {} do
    local kind = known[key] and known[key][1]
    if not kind then
      local names = {}
      for name in next, known do names[#names + 1] = name end
      table_sort(names)
      argument_error(string_format("%s: there is no 'options.%s'; there is %s", where_called, tostring(key),
        table_concat(names, ", ")))
    end
    if not fitting[kind](value) then
      argument_error(string_format("%s: 'options.%s' must be %s, but %s was given", where_called, key,
        described[kind], shown_value(value)))
    end
    options[key] = value
  end
  return options
end

local function retry(f, given)
  local options = options_of("Async.retry", given, retry_options)
  local delay = options.base_delay
  for attempt = 1, math.huge do
    local results = table_pack(protected_call(f, attempt))
    if results[1] then return results[2] end
    if attempt >= options.attempts or is_cancellation(results[2]) then real_error(results[2], 0) end
    if options.on_retry then options.on_retry(attempt, results[2]) end
    sleep(options.jitter and delay * (1 - math.random() / 2) or delay)
    delay = math.min(delay * 2, options.max_delay)
  end
end

local timer_methods = {}
local Timer = { __name = "Timer", __metatable = "Timer", __tostring = function() return "Timer" end }
Timer.__index = method_lookup(timer_methods)
local timer_tasks = setmetatable({}, { __mode = "k" })

add_methods(timer_methods, "Timer", {
  { "cancel", {}, function(self) return cancel_task(timer_tasks[self], "the timer was cancelled") end },
})

--- A timer: a task of its own, whose error nobody could catch ends the program.
local function new_timer(f)
  local timer = setmetatable({}, Timer)
  local task = new_task(f, function(ok, value, where_it_was)
    if ok or is_cancellation(value) then return end
    fatal = { value = value, frames = where_it_was }
    finished = true
    real_error(ENDING, 0)
  end)
  timer_tasks[timer] = task
  step(task)
  return timer
end

Async = namespace("Async", {
  { "run", { "function function", "..." }, function(f, ...)
    local promise, task = start(f, new_promise())
    step(task, ...)
    return promise
  end },
  { "sleep", { "seconds number" }, sleep },
  { "timeout", { "work work", "seconds number" }, timeout },
  { "retry", { "function function", "options? table" }, retry },
  { "all", { "work list" }, at_once(all) },
  { "race", { "work list" }, at_once(race) },
  { "any", { "work list" }, at_once(any) },
  { "all_settled", { "work list" }, at_once(all_settled) },
  { "cancel", { "promise promise", "reason? string" }, cancel },
  { "after", { "seconds number", "function function" }, function(seconds, f)
    return new_timer(function()
      sleep(seconds)
      f()
    end)
  end },
  { "every", { "seconds number", "function function" }, function(seconds, f)
    return new_timer(function()
      while true do
        sleep(seconds)
        f()
      end
    end)
  end },
  { "yield", {}, function() sleep(0) end },
})

-- Streaming ----------------------------------------------------------------------------------------

local stream_methods = {}
local streams = setmetatable({}, { __mode = "k" })
local Stream = { __name = "Stream", __metatable = "Stream", __tostring = function() return "Stream" end }
Stream.__index = method_lookup(stream_methods)

local function close_stream(self)
  local state = streams[self]
  state.closed, state.items, state.first, state.last = true, {}, 1, 0
  if state.producer then cancel(state.producer, "nobody takes more of the stream") end
  wake_all(state.waiters)
end

local function start_producer(state)
  local function emit(item)
    if state.closed then real_error(new_error("Cancelled", "nobody takes more of the stream", nil, true), 0) end
    state.last = state.last + 1
    state.items[state.last] = item
    wake_all(state.waiters)
    stand(function() return state.closed or state.last - state.first + 1 <= state.buffer end, state.waiters)
  end
  state.producer = promised(function() return state.produce(emit) end)
  subscribe(state.producer, function(ended, problem, where_it_was)
    state.over = true
    if ended == "rejected" and not state.closed then state.problem = { problem, where_it_was } end
    wake_all(state.waiters)
  end)
end

local function next_of(self)
  local state = streams[self]
  if state.closed then return nil end
  if not state.producer then start_producer(state) end
  stand(function() return state.closed or state.over or state.first <= state.last end, state.waiters)
  if state.first <= state.last then
    local item = state.items[state.first]
    state.items[state.first] = nil
    state.first = state.first + 1
    wake_all(state.waiters)
    return item
  end
  local problem = state.problem
  state.closed, state.problem = true, nil
  if problem then
    crash = { value = problem[1], frames = problem[2] or {} }
    real_error(problem[1], 0)
  end
end

add_methods(stream_methods, "Stream", {
  { "next", {}, next_of },
  { "close", {}, close_stream },
  { "is_done", {}, function(self)
    local state = streams[self]
    return state.closed or state.over and state.first > state.last and not state.problem or false
  end },
  { "collect", {}, function(self)
    local items = {}
    for item in next_of, self do items[#items + 1] = item end
    return items
  end },
  { "iter", {}, function(self) return function() return next_of(self) end, nil, nil, self end },
})
Stream.__call, Stream.__close = next_of, close_stream
function Stream.__gc(self) soon(function() close_stream(self) end) end

Streaming = namespace("Streaming", {
  { "create", { "producer function", "options? table" }, function(producer, given)
    local options = options_of("Streaming.create", given, { buffer = { "size", 16 } })
    local stream = setmetatable({}, Stream)
    streams[stream] = {
      produce = producer, buffer = options.buffer, items = {}, first = 1, last = 0, waiters = {},
    }
    return stream
  end },
})

