-- Part of the agent (see agent.lua): errors that are caught, that end a coroutine, or the program.

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

local catching = {} -- the runtime's functions below `coroutine.resume`
for _, func in next, natives.catching_resumers do
  catching[func] = true
end

-- Whether something on the stack will catch an error: a protected call other than the runtime's own
-- around the whole program, or a coroutine that was resumed by `coroutine.resume`.
local function is_protected()
  local protected = 0
  for _, thread in next, chain() do
    local level = 0
    while true do
      local info = getinfo(thread, level, "f")
      if not info then
        break
      elseif catching[info.func] then
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
  was_uncaught = not is_protected()
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
for _, resumers in next, { natives.catching_resumers, natives.other_resumers } do
  for _, func in next, resumers do
    replace(func, resume, watched_resume)
  end
end
