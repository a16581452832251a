-- Tables in one piece ------------------------------------------------------------------------------
--
-- To look at a table from outside takes a call for each table and each entry. So tables of plain values pass
-- as a list of what is in them, in one call; what holds anything else, is large or nested deeply does not.

local TABLE = {}          -- says that the parts of a table follow
local MOST_PARTS, MOST_LEVELS = 2000, 20
local rawlen, unpack, integer_type = rawlen, table.unpack, math.type
local empty_lists = setmetatable({}, { __mode = "k" })   -- tables that came as a list with nothing in it

--- A new table that goes back as a list as long as nothing is put into it.
local function empty_list()
  local made = {}
  empty_lists[made] = true
  return made
end

--- The table whose parts begin at a place: the number of its entries, their keys and values; of a list, which
--- has values alone, one less than zero less the number. Also where what follows it begins.
local function laid_out(parts, at)
  local count = parts[at]
  local made, has_keys = count == -1 and empty_list() or {}, count > 0
  at = at + 1
  for index = 1, has_keys and count or -count - 1 do
    local key, value = index, nil
    if has_keys then
      key, at = parts[at], at + 1
    end
    value, at = parts[at], at + 1
    if rawequal(value, TABLE) then value, at = laid_out(parts, at) end
    made[key] = value
  end
  return made, at
end

local function is_list(value)
  local size, count = rawlen(value), 0
  for key in next, value do
    if integer_type(key) ~= "integer" or key < 1 or key > size then return false end
    count = count + 1
  end
  return count == size and (count > 0 or empty_lists[value] == true)
end

--- Add a table to `parts`, and to `form` a mark for each value, and what opens and closes each table; whether
--- that can be.
local function lay_out(value, form, parts, levels)
  -- Tables in a list are no parts; what many of them hold together would be gone through again and again.
  if levels == 0 or #parts > MOST_PARTS or #form > 2 * MOST_PARTS + 2 or handles[value] or rawequal(raw_metatable(value), HostError) then
    return false
  end
  local has_keys = not is_list(value)
  form[#form + 1] = has_keys and "{" or "["
  -- The entries of a list may come in any order.
  local size = rawlen(value)
  local key, item = nil, nil
  if has_keys then key, item = next(value) elseif size > 0 then key, item = 1, rawget(value, 1) end
  while key ~= nil do
    if has_keys then
      if type(key) ~= "string" and type(key) ~= "number" then return false end
      parts[#parts + 1] = key
    end
    local kind = type(item)
    if kind == "table" then
      if not lay_out(item, form, parts, levels - 1) then return false end
    elseif kind == "string" or kind == "number" or kind == "boolean" then
      parts[#parts + 1], form[#form + 1] = item, "."
    else
      return false
    end
    if has_keys then
      key, item = next(value, key)
    elseif key < size then
      key = key + 1
      item = rawget(value, key)
    else
      key = nil
    end
  end
  form[#form + 1] = "}"
  return true
end

--- The form of a table and its parts; nothing where it cannot pass so.
local function flat(value)
  local form, parts = {}, {}
  if not lay_out(value, form, parts, MOST_LEVELS) or #parts > MOST_PARTS then return nil end
  return table_concat(form), unpack(parts, 1, #parts)
end
