-- Promise ------------------------------------------------------------------------------------------

local records = setmetatable({}, { __mode = "k" })   -- what is known of each promise
local unhandled = {}                                 -- rejected ones that nobody has looked at, oldest first
local promise_methods = {}
local PromiseObject = { __name = "PromiseObject", __metatable = "PromiseObject" }

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

PromiseObject.__index = method_lookup(promise_methods)

function PromiseObject.__tostring(self)
  return string_format("PromiseObject (%s)", records[self].state)
end

local function new_promise()
  local promise = setmetatable({}, PromiseObject)
  records[promise] = { state = "pending", waiters = {} }
  return promise
end

local function settle(promise, state, value, where_it_was)
  local record = records[promise]
  if record.state ~= "pending" then return end
  record.state, record.value, record.frames, record.task, record.source = state, value, where_it_was, nil, nil
  if state == "rejected" and not record.handled then unhandled[#unhandled + 1] = promise end
  wake_all(record.waiters)
  local reactions = record.reactions
  record.reactions = nil
  if reactions then
    for index = 1, #reactions do reactions[index](state, value, where_it_was) end
  end
end

--- Be told of a promise's end, at once where it has come. Who listens answers for its error.
local function subscribe(promise, reaction)
  local record = records[promise]
  record.handled = true
  if record.state ~= "pending" then return reaction(record.state, record.value, record.frames) end
  record.reactions = record.reactions or {}
  record.reactions[#record.reactions + 1] = reaction
end

local function resolve(promise, value)
  if rawequal(value, promise) then
    return settle(promise, "rejected", new_error("TypeError", "a promise cannot wait for itself"), frames())
  end
  if not records[value] then return settle(promise, "fulfilled", value) end
  records[promise].source = value
  subscribe(value, function(...) settle(promise, ...) end)
end

--- Start a function as a task whose result settles a promise; the promise.
local function start(f, promise)
  local record = records[promise]
  local task = new_task(f, function(ok, value, where_it_was)
    if ok then return resolve(promise, value) end
    return settle(promise, "rejected", value, where_it_was)
  end)
  record.task = task
  return promise, task
end

--- Wait for a promise; its value. Its error is raised with the frames it had.
local function await(promise)
  local record = records[promise]
  record.handled = true
  if record.state == "pending" then
    stand(function() return record.state ~= "pending" end, record.waiters)
  end
  if record.state == "fulfilled" then return record.value end
  if record.frames then crash = { value = record.value, frames = { table.unpack(record.frames) } } end
  return real_error(record.value, 0)
end

local function cancel(promise, reason)
  local record = records[promise]
  if record.state ~= "pending" then return false end
  reason = reason or "the work was cancelled"
  if record.task and living[record.task] then return cancel_task(record.task, reason) end
  if record.source then return cancel(record.source, reason) end
  settle(promise, "rejected", new_error("Cancelled", reason, nil, true))
  return true
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
  for _, promise in next, unhandled do
    local record = records[promise]
    local value = record.value
    local was_cancelled = rawequal(getmetatable(value), HostError) and value.kind == "Cancelled"
    if not record.handled and not was_cancelled then return record end
  end
end

