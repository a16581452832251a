-- What is checked of arguments, in the words that the host's members use ------------------------------

local function shown_value(value)
  if type(value) == "string" then return string_format("%q", value) end
  if value == nil or type(value) == "number" or type(value) == "boolean" then return tostring(value) end
  return "a " .. type(value)
end

local fitting = {
  ["function"] = function(value)
    local meta = type(value) == "table" and getmetatable(value)
    return type(value) == "function" or type(meta) == "table" and meta.__call ~= nil
  end,
  number = function(value) return type(value) == "number" and value >= 0 end,
  string = function(value) return type(value) == "string" end,
  boolean = function(value) return type(value) == "boolean" end,
  count = function(value) return type(value) == "number" and value % 1 == 0 and value >= 1 end,
  size = function(value) return type(value) == "number" and value % 1 == 0 and value >= 0 and value <= 100000 end,
  table = function(value) return type(value) == "table" and #value == 0 end,
  list = function(value)
    return type(value) == "table" and not record_of(value) and (#value > 0 or next(value) == nil)
  end,
  promise = function(value) return record_of(value) ~= nil end,
  work = function(value) return record_of(value) ~= nil or type(value) == "function" end,
  any = function() return true end,
}
local described = {
  ["function"] = "a function", number = "a number of at least 0", string = "a string", table = "a table",
  boolean = "true or false", count = "an integer of at least 1",
  size = "an integer of at least 0, and of at most 100000",
  list = "a list", promise = "a promise", work = "a function or a promise",
}

local function argument_error(message)
  return real_error(new_error("ArgumentError", message, nil, true), 0)
end

--- What checks the arguments of `owner.name`: its parameters as `name kind`, with a `?` where one may be left
--- out; a last `...` takes any more.
local function checker(owner, name, parameters)
  local names, kinds, optional, many, written = {}, {}, {}, false, {}
  for _, text in next, parameters do
    local parameter, mark, kind = string_match(text, "^([%w_]+)(%??) (%w+)$")
    if parameter then
      names[#names + 1], kinds[#kinds + 1], optional[#optional + 1] = parameter, kind, mark == "?"
      written[#written + 1] = parameter .. mark
    else
      many = true
      written[#written + 1] = "..."
    end
  end
  local where_called = owner .. "." .. name
  local count = #names
  local function listed()
    if count == 0 then return "no arguments" end
    return string_format("%d argument%s (%s)", count, count > 1 and "s" or "", table_concat(written, ", "))
  end
  return function(...)
    local given = select("#", ...)
    while given > count and not many and select(given, ...) == nil do given = given - 1 end
    if given > count and not many then
      argument_error(string_format("%s takes %s, but %d were given", where_called, listed(), given))
    end
    for index = 1, count do
      local value = (select(index, ...))
      if value == nil and not optional[index] and kinds[index] ~= "any" then
        argument_error(string_format("%s: '%s' is missing; it takes %s", where_called, names[index], listed()))
      elseif value ~= nil and not fitting[kinds[index]](value) then
        argument_error(string_format("%s: '%s' must be %s, but %s was given", where_called, names[index],
          described[kinds[index]], shown_value(value)))
      end
    end
  end
end

--- A global. `members` are triples: name, parameters, function. They answer to `.` and to `:`.
local function namespace(name, members)
  local made = {}
  for _, member in next, members do
    local check, f = checker(name, member[1], member[2]), member[3]
    made[member[1]] = function(given, ...)
      if rawequal(given, made) then
        check(...)
        return f(...)
      end
      check(given, ...)
      return f(given, ...)
    end
  end
  return setmetatable(made, { __name = name, __metatable = name, __tostring = function() return name end })
end

--- The methods of a kind of handle, in the same form; each gets the handle first.
local function add_methods(methods, owner, members)
  for _, member in next, members do
    local check, f = checker(owner, member[1], member[2]), member[3]
    methods[member[1]] = function(self, ...)
      check(...)
      return f(self, ...)
    end
  end
end

