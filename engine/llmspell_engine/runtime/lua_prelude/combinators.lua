-- The members of promises and of `Promise` ------------------------------------------------------------

add_methods(promise_methods, "PromiseObject", {
  { "and_then", { "on_fulfilled? function", "on_rejected? function" }, function(self, on_fulfilled, on_rejected)
    return react(self, { fulfilled = on_fulfilled, rejected = on_rejected })
  end },
  { "catch", { "on_rejected function" }, function(self, on_rejected)
    return react(self, { rejected = on_rejected })
  end },
  { "finally", { "on_settled function" }, function(self, on_settled)
    return react(self, {
      fulfilled = function(value)
        on_settled()
        return value
      end,
      rejected = function(value)
        on_settled()
        real_error(value, 0)
      end,
    })
  end },
  { "await", {}, await },
  { "cancel", { "reason? string" }, cancel },
  { "state", {}, function(self) return record_of(self).state end },
})
promise_methods["then"] = promise_methods.and_then

--- A promise of a value, a promise or a function, which is started.
local function promised(work)
  if record_of(work) then return work end
  local promise = new_promise()
  if type(work) == "function" then
    local _, task = start(work, promise)
    step(task)
  else
    resolve(promise, work)
  end
  return promise
end

local function fulfilled(value)
  if record_of(value) then return value end
  local promise = new_promise()
  settle(promise, "fulfilled", value)
  return promise
end

local function list_of(values, make)
  local promises = {}
  for index = 1, #values do promises[index] = make(values[index]) end
  return promises
end

local function all(promises)
  local combined, values, missing = new_promise(), {}, #promises
  if missing == 0 then settle(combined, "fulfilled", values) end
  for index = 1, #promises do
    subscribe(promises[index], function(state, value, where_it_was)
      if state == "rejected" then return settle(combined, state, value, where_it_was) end
      values[index], missing = value, missing - 1
      if missing == 0 then settle(combined, "fulfilled", values) end
    end)
  end
  return combined
end

local function race(promises)
  local combined = new_promise()
  for index = 1, #promises do
    subscribe(promises[index], function(...) settle(combined, ...) end)
  end
  return combined
end

local function any(promises)
  local combined, failed, problem = new_promise(), 0, nil
  local function fail()
    local message = #promises == 0 and "there was nothing to wait for" or "all promises were rejected"
    settle(combined, "rejected", new_error("AggregateError", message, problem))
  end
  if #promises == 0 then fail() end
  for index = 1, #promises do
    subscribe(promises[index], function(state, value)
      if state == "fulfilled" then return settle(combined, state, value) end
      failed, problem = failed + 1, problem or value
      if failed == #promises then fail() end
    end)
  end
  return combined
end

local function all_settled(promises)
  local combined, outcomes, missing = new_promise(), {}, #promises
  if missing == 0 then settle(combined, "fulfilled", outcomes) end
  for index = 1, #promises do
    subscribe(promises[index], function(state, value)
      local key = state == "fulfilled" and "value" or "reason"
      outcomes[index], missing = { status = state, [key] = value }, missing - 1
      if missing == 0 then settle(combined, "fulfilled", outcomes) end
    end)
  end
  return combined
end

local function combining(combine)
  return function(promises) return combine(list_of(promises, fulfilled)) end
end

Promise = namespace("Promise", {
  { "new", { "executor function" }, function(executor)
    local promise = new_promise()
    local _, task = start(function()
      executor(function(value) resolve(promise, value) end, function(reason)
        settle(promise, "rejected", reason, frames())
      end)
    end, new_promise())
    local finish = task.finish
    function task.finish(ok, value, where_it_was)
      if not ok then settle(promise, "rejected", value, where_it_was) end
      finish(true)
    end
    step(task)
    return promise
  end },
  { "resolve", { "value? any" }, fulfilled },
  { "reject", { "reason? any" }, function(reason)
    local promise = new_promise()
    settle(promise, "rejected", reason, frames())
    return promise
  end },
  { "all", { "promises list" }, combining(all) },
  { "race", { "promises list" }, combining(race) },
  { "any", { "promises list" }, combining(any) },
  { "all_settled", { "promises list" }, combining(all_settled) },
})

