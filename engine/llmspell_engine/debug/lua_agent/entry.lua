-- Part of the agent (see agent.lua): what lua.py and the probes call.

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

local is_guarding = false -- whether conditions are evaluated: what they call does not stop

-- An armed statement was reached.
local function enter(id)
  if is_guarding then
    return
  end
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
  if is_guarding then
    return
  end
  local holds = false
  is_guarding = true
  for index = 1, #guards, 2 do
    local ok, value = pcall(guards[index + 1])
    if ok then
      verdicts[guards[index]] = value and true or false
    end
    holds = holds or not ok or value
  end
  is_guarding = false
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
