// A tool made in the script: described once, checked on every call, and known to scripts and agents alike.
//
//   llmspell run examples/javascript/own_tool.js --scripted examples/scripted.yaml

const stock = { lamp: 4, chair: 0 };

Tool.register({
  name: "reserve",
  description: "Reserves pieces of a product, if there are enough.",
  parameters: {
    type: "object",
    properties: {
      product: { type: "string", enum: ["lamp", "chair"] },
      pieces: { type: "integer", minimum: 1 },
    },
    required: ["product", "pieces"],
  },
  handler: ({ product, pieces }) => {
    if (stock[product] < pieces) return { success: false, error: `only ${stock[product]} left` };
    stock[product] -= pieces;
    return `${pieces} x ${product}`;
  },
});

// The script calls it,
console.log((await Tool.execute("reserve", { product: "lamp", pieces: 1 })).text);
const none = await Tool.execute("reserve", { product: "chair", pieces: 1 });
console.log(`${none.success}\t${none.error.message}`);

// what does not fit the description never reaches the function,
try {
  await Tool.execute("reserve", { product: "lamp", pieces: 0 });
} catch (problem) {
  console.log(`false\t${problem.message}`);
}

// and a model uses it like any other.
const clerk = Agent.create({ name: "clerk", model: "scripted/clerk", allowedTools: ["reserve"] });
console.log((await clerk.execute("Two lamps, please.")).text);
console.log(`lamps left: ${stock.lamp}`);
