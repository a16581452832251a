// Values of an older form become values of the newest one: all of them, or none.
//
//   llmspell run examples/javascript/state_migration.js --state :memory:

// What an older script left.
State.save("custom:orders", "1", { total: "5 EUR" });
State.save("custom:orders", "2", { total: "70 USD" });

// How each version follows from the one before. A migration gets all values of the scope, by their keys.
const migrations = {
  2: (orders) => {
    for (const order of Object.values(orders)) {
      const [amount, currency] = order.total.split(" ");
      order.total = Number(amount);
      order.currency = currency;
    }
    return orders;
  },
  3: () => {
    throw new Error("nobody knows how");
  },
};
State.registerSchema("custom:orders", 3, { migrations });

const status = State.getMigrationStatus();
console.log(`version ${status.currentVersion} of ${status.latestVersion}`);

// The second migration fails, so nothing is changed, not by the first one either.
const failed = await State.migrate();
console.log(`${failed.status}: ${failed.errors[0].split(" failed")[0]} failed`);
console.log(`still: ${State.load("custom:orders", "1").total}`);

migrations[3] = (orders) =>
  Object.fromEntries(Object.entries(orders).map(([number, order]) => [`order-${number}`, order]));
State.registerSchema("custom:orders", 3, { migrations });

const done = await State.migrate();
console.log(`${done.status}: ${done.fromVersion} to ${done.toVersion}`);
for (const key of State.listKeys("custom:orders")) {
  const order = State.load("custom:orders", key);
  console.log(`${key}\t${order.total}\t${order.currency}`);
}
console.log((await State.migrate()).status);

// All of it as one value, which JSON can write and another engine takes.
const all = State.export({ scope: "custom:orders" });
State.clear("custom:orders");
const taken = State.import(JSON.parse(JSON.stringify(all)));
console.log(`${taken.imported} values of version ${all.schemas["custom:orders"]} are back`);
