function area(width, height) {
  let product = width * height;
  return product;
}

function describe(item) {
  const size = area(item.width, item.height);
  return item.name + " " + size;
}

const parts = [];
for (const [index, name] of ["first", "second"].entries()) {
  parts.push(describe({ name, width: index + 2, height: 10 }));
}

const encoded = await Tool.execute("base64-encoder", { operation: "encode", input: parts[0] });
console.log(parts.join(", "));
console.log(encoded.success);
