-- A report from a table of figures: read, added up by jq, and put into a template.
--
--   llmspell run examples/lua/csv_report.lua

local text = Tool.execute("file-operations", { operation = "read", path = "examples/data/sales.csv" }).result.input

local rows = {}
for line in text:gmatch("[^\n]+") do
  local region, product, amount = line:match("(%w+),(%w+),(%d+)")
  if region then rows[#rows + 1] = { region = region, product = product, amount = tonumber(amount) } end
end

local totals = Tool.execute("json-processor", {
  operation = "query",
  input = rows,
  query = "group_by(.region) | map({region: .[0].region, sold: (map(.amount) | add), best: max_by(.amount).product})",
}).result.result

local report = Tool.execute("template-creator", {
  input = "{% for line in totals %}{{ line.region }}: {{ line.sold }} sold, mostly of one {{ line.best }}\n{% endfor %}",
  context = { totals = totals },
})
io.write(report.result.rendered)
