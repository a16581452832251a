-- Formatting of release notes, shared by the examples in this folder.

local format = {}

--- One numbered line of a list.
function format.bullet(index, text)
  return string.format("  %d. %s", index, text)
end

--- A heading with the number of lines below it.
function format.heading(kind, count)
  return string.format("## %s%s (%d)", kind:sub(1, 1):upper(), kind:sub(2), count)
end

return format
