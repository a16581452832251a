-- Loading ------------------------------------------------------------------------------------------

--- Compile a source that the host has prepared; environment is a table with `n`, as packed arguments.
local function compile(text, name, path, environment)
  local made, message
  if environment and environment.n > 0 then
    made, message = real_load(text, name, "t", environment[1])
  else
    made, message = real_load(text, name, "t")
  end
  if not made then return nil, message end
  host.compiled(path, made)
  return made
end

local function compile_file(text, path, display, environment)
  local name = "@" .. path
  local probe = real_load("", name, "t")
  shown[getinfo(probe, "S").short_src] = display
  local made, message = compile(text, name, path, environment)
  if made then return made end
  return nil, presented(message)
end

local function pieces(reader)
  local parts = {}
  while true do
    local piece = reader()
    if piece == nil or piece == "" then return table_concat(parts) end
    if type(piece) ~= "string" then real_error("reader function must return a string", 3) end
    parts[#parts + 1] = piece
  end
end

function load(chunk, name, mode, ...)
  if type(chunk) == "function" then
    local ok, text = checked(real_pcall(pieces, chunk))
    if not ok then return nil, text end
    chunk, name = text, name or "=(load)"
  elseif type(chunk) ~= "string" then
    real_error("bad argument #1 to 'load' (string or function expected, got " .. type(chunk) .. ")", 2)
  end
  if string.sub(chunk, 1, 1) == "\27" or mode == "b" then return host.refuse_bytecode() end
  name = name or chunk
  local path = string_match(name, "^@(.*)$") or name
  return compile(host.prepare(path, chunk), name, path, table_pack(...))
end

local loading = {}   -- paths of the modules being loaded, outermost first

--- The file that asks for another one. `return require("x")` leaves no frame of its own.
local function requester()
  if #loading > 0 and getinfo(2, "t").istailcall then return loading[#loading] end
  local source = where()
  return source and string_match(source, "^@(.*)$")
end

function loadfile(name, _, ...)
  local text, path, display = host.file(name, requester())
  if not text then return nil, path end
  return compile_file(text, path, display, table_pack(...))
end

function dofile(name)
  local text, path, display = host.file(name, requester())
  if not text then real_error(path, 2) end
  local made, message = compile_file(text, path, display)
  if not made then real_error(message, 0) end
  return made()
end

local loaded, preload = {}, {}
local modules, named, standard = {}, {}, {}   -- by path: the value, and the names it was required by
local display_of = {}

package = { loaded = loaded, preload = preload, config = "/\n;\n?\n!\n-\n" }
for _, name in next, { "string", "table", "math", "utf8", "coroutine", "os", "io", "debug", "package" } do
  loaded[name], standard[name] = _G[name], true
end
loaded._G, standard._G = _G, true

do
  --- What stands in the place of a table, and refuses all that is done with it.
  local function refusing_table(refuse)
    local meta = { __metatable = false }
    for _, event in next, { "__index", "__newindex", "__len", "__pairs" } do meta[event] = refuse end
    return setmetatable({}, meta)
  end

  for name, refuse in next, host.refused do
    local library, member = string_match(name, "^(%w+)%.(%w+)$")
    local refusing = as_function(refuse)
    if name == "io.open" then refuse_files = refusing end
    if name == "package.searchers" then refusing = refusing_table(refusing) end
    _G[library or "_G"][member or name] = refusing
  end
end

local popping = { __close = function() loading[#loading] = nil end }

local function refuse_circle(path)
  for index, other in next, loading do
    if other == path then
      local chain = {}
      for at = index, #loading do chain[#chain + 1] = display_of[loading[at]] or loading[at] end
      chain[#chain + 1] = chain[1]
      real_error("modules require each other in a circle: " .. table_concat(chain, " -> "), 3)
    end
  end
end

local function run_module(name, path, loader, extra)
  loading[#loading + 1] = path
  local _ <close> = setmetatable({}, popping)
  local value = loader(name, extra)
  if value ~= nil then loaded[name] = value end
  if loaded[name] == nil then loaded[name] = true end
  modules[path] = loaded[name]
  named[path] = named[path] or {}
  named[path][name] = true
  return loaded[name], extra
end

function require(name)
  if type(name) ~= "string" then
    real_error("bad argument #1 to 'require' (string expected, got " .. type(name) .. ")", 2)
  end
  if standard[name] and loaded[name] ~= nil then return loaded[name] end
  if preload[name] then
    if loaded[name] ~= nil then return loaded[name] end
    return run_module(name, ":preload:" .. name, preload[name], ":preload:")
  end
  local text, path, display = host.module(name, requester())
  if not text then
    if loaded[name] ~= nil then return loaded[name] end
    real_error(path, 2)
  end
  local forgotten = named[path] and named[path][name] and loaded[name] == nil
  if modules[path] ~= nil and not forgotten then return modules[path], path end
  refuse_circle(path)
  display_of[path] = display
  local made, message = compile_file(text, path, display)
  if not made then real_error("error loading module '" .. name .. "': " .. message, 2) end
  return run_module(name, path, made, path)
end

