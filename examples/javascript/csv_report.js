// A report from a table of figures: read, added up by jq, and put into a template.
//
//   llmspell run examples/javascript/csv_report.js

const file = await Tool.execute("file-operations", { operation: "read", path: "examples/data/sales.csv" });

const rows = [];
for (const line of file.result.input.trim().split("\n").slice(1)) {
  const [region, product, amount] = line.split(",");
  rows.push({ region, product, amount: Number(amount) });
}

const query = await Tool.execute("json-processor", {
  operation: "query",
  input: rows,
  query: "group_by(.region) | map({region: .[0].region, sold: (map(.amount) | add), best: max_by(.amount).product})",
});

const report = await Tool.execute("template-creator", {
  input: "{% for line in totals %}{{ line.region }}: {{ line.sold }} sold, mostly of one {{ line.best }}\n{% endfor %}",
  context: { totals: query.result.result },
});
process.stdout.write(report.result.rendered);
