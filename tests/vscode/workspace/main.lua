local function area(width, height)
  local product = width * height
  return product
end

local function describe(item)
  local size = area(item.width, item.height)
  return item.name .. " " .. size
end

local parts = {}
for index, name in ipairs({ "first", "second" }) do
  parts[index] = describe({ name = name, width = index + 1, height = 10 })
end

local encoded = Tool.execute("base64-encoder", { operation = "encode", input = parts[1] })
print(table.concat(parts, ", "))
print(encoded.success)
