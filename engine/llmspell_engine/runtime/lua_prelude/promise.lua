-- Promise ------------------------------------------------------------------------------------------

local unhandled = {}      -- records of rejected promises that nobody has looked at, by their age
local rejections = 0
local promise_methods = {}

--- Methods that answer to `.` and to `:`.
local function method_lookup(methods)
  return function(self, key)
    local method = methods[key]
    if not method then return nil end
    return function(first_given, ...)
      if rawequal(first_given, self) then return method(self, ...) end
      return method(self, first_given, ...)
    end
  end
end

local promise_lookup = method_lookup(promise_methods)

--- What is known of a promise; nil for other values. It is the promise's metatable: kept in a weak table, long
--- chains of promises would keep Lua's collector busy with the square of their length.
local function record_of(value)
  local record = type(value) == "table" and raw_metatable(value)
  return record and rawequal(rawget(record, "__index"), promise_lookup) and record or nil
end

local function promise_text(promise)
  return string_format("PromiseObject (%s)", record_of(promise).state)
end

local function new_promise()
  return setmetatable({}, {
    state = "pending", waiters = {}, __index = promise_lookup, __tostring = promise_text,
    __name = "PromiseObject", __metatable = "PromiseObject",
  })
end

--- Note that somebody answers for a promise's error.
local function look_at(record)
  record.handled = true
  if record.rejection then unhandled[record.rejection] = nil end
end

local function settle(promise, state, value, where_it_was)
  local record = record_of(promise)
  if record.state ~= "pending" then return end
  record.state, record.value, record.frames, record.task, record.source = state, value, where_it_was, nil, nil
  if state == "rejected" and not record.handled then
    rejections = rejections + 1
    record.rejection, unhandled[rejections] = rejections, record
  end
  wake_all(record.waiters)
  local reactions = record.reactions
  record.reactions = nil
  if reactions then
    for index = 1, #reactions do reactions[index](state, value, where_it_was) end
  end
end

--- Be told of a promise's end, at once where it has come. Who listens answers for its error.
local function subscribe(promise, reaction)
  local record = record_of(promise)
  look_at(record)
  if record.state ~= "pending" then return reaction(record.state, record.value, record.frames) end
  record.reactions = record.reactions or {}
  record.reactions[#record.reactions + 1] = reaction
end

local function resolve(promise, value)
  if rawequal(value, promise) then
    return settle(promise, "rejected", new_error("TypeError", "a promise cannot wait for itself"), frames())
  end
  if not record_of(value) then return settle(promise, "fulfilled", value) end
  record_of(promise).source = value
  subscribe(value, function(...) settle(promise, ...) end)
end

--- Start a function as a task whose result settles a promise; the promise.
local function start(f, promise)
  local record = record_of(promise)
  local task = new_task(f, function(ok, value, where_it_was)
    if ok then return resolve(promise, value) end
    return settle(promise, "rejected", value, where_it_was)
  end)
  record.task = task
  return promise, task
end

--- Wait for a promise; its value. Its error is raised with the frames it had.
local function await(promise)
  local record = record_of(promise)
  look_at(record)
  if record.state == "pending" then
    stand(function() return record.state ~= "pending" end, record.waiters)
  end
  if record.state == "fulfilled" then return record.value end
  if record.frames then crash = { value = record.value, frames = { table.unpack(record.frames) } } end
  return real_error(record.value, 0)
end

local function cancel(promise, reason)
  local record = record_of(promise)
  if record.state ~= "pending" then return false end
  reason = reason or "the work was cancelled"
  if record.task and living[record.task] then return cancel_task(record.task, reason) end
  if record.source then return cancel(record.source, reason) end
  settle(promise, "rejected", new_error("Cancelled", reason, nil, true))
  return true
end

--- Give the host what came of a function that it asked for: of a promise, once that is settled.
function answer(request, ok, value, where_it_was)
  if ok and type(value) == "thread" then
    ok, where_it_was = false, frames()
    value = new_error("TypeError", "a function gave a coroutine to the engine, which runs none; give what it"
      .. " comes to, or Async.run(f)")
  end
  if not (ok and record_of(value)) then
    requests[request] = nil
    return host.answer(request, ok, value, where_it_was)
  end
  requests[request] = function(reason) return cancel(value, reason) end
  return subscribe(value, function(state, ...) return answer(request, state == "fulfilled", ...) end)
end

local function react(promise, handlers)
  local following = new_promise()
  subscribe(promise, function(state, value, where_it_was)
    local handler = handlers[state]
    if not handler then return settle(following, state, value, where_it_was) end
    local _, task = start(function() return handler(value) end, following)
    wake(task)
  end)
  return following
end

--- The first promise that was rejected and that nobody has looked at since; what was cancelled is no fault.
local function unhandled_rejection()
  local oldest = math.huge
  for age, record in next, unhandled do
    if age < oldest and not is_cancellation(record.value) then oldest = age end
  end
  return unhandled[oldest]
end

