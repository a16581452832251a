-- Waiting ------------------------------------------------------------------------------------------
--
-- A *task* is a coroutine that the runtime resumes: what `Async.run` starts, the callbacks of promises and
-- timers, functions that the host calls from its event loop. A task that waits yields WAIT, and with it all
-- coroutines of the script between the task and the wait: `coroutine.resume` and what `coroutine.wrap`
-- makes hand it up, and hand the way back down. A script never sees it.
--
-- The program itself is no task: it stays on Lua's main stack. Where it waits it *pumps*, which is to let
-- tasks go on and, when none can, to stand still until the host has something new. So does a task in a
-- place that no coroutine can leave, such as a comparison of `table.sort`; such waits end in the opposite
-- order of their beginning.

local WAIT = {}
local yield, isyieldable, status = coroutine.yield, coroutine.isyieldable, coroutine.status
local real_close
do
  local close = coroutine.close

  local function closed(previous, ...)
    running[1] = previous
    return ...
  end

  --- What closes the variables of a coroutine runs in it, so it is the one that runs.
  function real_close(thread)
    local found = type(thread) == "thread" and status(thread)
    if found ~= "suspended" and found ~= "dead" then return close(thread) end
    local previous = running[1]
    running[1] = thread
    return closed(previous, close(thread))
  end
end

local current = nil       -- the task that runs; nil in the program
local ready = {}          -- what can go on, oldest first: tasks, and functions that do not wait
local first, last = 1, 0
local waiting = {}        -- by ticket: the task that waits for the host's operation, or true for the program
local requests = {}       -- by number: what cancels a function that the host has asked for
local answer              -- gives the host what came of such a function; see promise.lua
local over = {}           -- tickets of operations that have ended and are about to be taken
local living = setmetatable({}, { __mode = "k" })    -- tasks that have not ended
local fatal = nil         -- an error that nobody could catch, and its frames

local function soon(job)
  last = last + 1
  ready[last] = job
end

--- Let a task go on, soon. Doing so once more before it did makes no difference.
local function wake(task)
  if not task.woken then
    task.woken = true
    soon(task)
  end
end

local function wake_all(tasks)
  for index = #tasks, 1, -1 do
    local task = tasks[index]
    tasks[index] = nil
    wake(task)
  end
end

local function stepped(task, was_running, was_suspendable, was_current, ok, ...)
  running[1], suspendable, current = was_running, was_suspendable, was_current
  if not ok then
    local value = ...
    if is_ending(value) then real_error(ENDING, 0) end
    living[task] = nil
    local found = presented(value)
    local where_it_was = frames(task.thread)
    if crash and rawequal(crash.value, value) then
      table.move(where_it_was, 1, #where_it_was, #crash.frames + 1, crash.frames)
      where_it_was = crash.frames
    end
    real_close(task.thread)
    return task.finish(false, found, where_it_was)
  end
  if status(task.thread) == "dead" then
    living[task] = nil
    return task.finish(true, ...)
  end
  if not rawequal((...), WAIT) then wake(task) end   -- the script's own yield, with nobody to yield to
end

--- Let a task run until it waits or ends.
local function step(task, ...)
  local was_running, was_suspendable, was_current = running[1], suspendable, current
  running[1], suspendable, current, task.woken = task.thread, true, task, false
  return stepped(task, was_running, was_suspendable, was_current, resume(task.thread, ...))
end

--- A task that is to call a function. `finish` gets true and its results, or false, the error and its frames.
local function new_task(f, finish)
  local task = { thread = create(f), finish = finish, woken = false }
  living[task] = true
  return task
end

--- Cancel a task; whether it was under way.
local function cancel_task(task, reason)
  if not living[task] then return false end
  task.cancelled = reason
  if task.ticket then host.cancel(task.ticket, reason) else wake(task) end
  return true
end

--- Let something go on: what is ready, else what the host has next. Raises where nothing ever will.
local function pump()
  if first <= last then
    local job = ready[first]
    ready[first] = nil
    first = first + 1
    if first > last then first, last = 1, 0 end
    if type(job) == "table" then return step(job) end
    return job()
  end
  local ticket, f, request = host.next()
  if not ticket and not f then
    local give_up = requests[request]
    return give_up and give_up("who asked for it was cancelled")
  end
  if ticket then
    local waiter = waiting[ticket]
    waiting[ticket] = nil
    if not waiter then return host.discard(ticket) end
    over[ticket] = true
    if waiter ~= true then wake(waiter) end
  else
    local task = new_task(f, function(...) return answer(request, ...) end)
    requests[request] = function(reason) return cancel_task(task, reason) end
    return step(task, host.arguments(request))
  end
end

--- Raise what a task was cancelled with, once.
local function check_cancelled()
  local reason = current and current.cancelled
  if reason then
    current.cancelled = nil
    real_error(new_error("Cancelled", reason, nil, true), 0)
  end
end

--- Where nothing is to stand still, such as in a hook that was asked at once, waiting is an error.
local function refuse_to_wait()
  if host.is_at_once() then real_error(new_error("error", "it waits", nil, true), 0) end
end

--- Stand still until `is_over()` holds. A task is put on the list `waiters`, to be woken.
local function stand(is_over, waiters)
  if not (suspendable and isyieldable()) then
    if not is_over() then refuse_to_wait() end
    while not is_over() do pump() end
    return
  end
  while not is_over() do
    check_cancelled()
    waiters[#waiters + 1] = current
    yield(WAIT)
  end
end

--- Wait for an operation of the host; its value. Its error is raised at the place of the script's call.
local function wait_for(ticket)
  if suspendable and isyieldable() then
    local task = current
    task.ticket, waiting[ticket] = ticket, task
    if task.cancelled then host.cancel(ticket, task.cancelled) end
    while not over[ticket] do yield(WAIT) end
    task.ticket, task.cancelled = nil, nil
  else
    if host.is_at_once() then
      host.cancel(ticket, "it was begun where nothing can wait")
      refuse_to_wait()
    end
    waiting[ticket] = true
    while not over[ticket] do pump() end
  end
  over[ticket] = nil
  return host.take(ticket)
end

--- What scripts call of a member that waits. `begin` gives a ticket, or nil and the result that is there.
function waiting_function(begin)
  return function(...)
    local ticket, value = begin(...)
    if ticket then return wait_for(ticket) end
    return value
  end
end

--- Go on until nothing is left to do: no task, no operation of the host.
local function drain()
  while first <= last or host.is_busy() do pump() end
end

--- End the coroutines of tasks that will not go on, so that what they hold is closed.
local function close_tasks()
  for task in next, living do
    if status(task.thread) == "suspended" then real_close(task.thread) end
  end
end

