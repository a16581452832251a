// State that several change at the same time: transactions, counters, and who comes first.
//
//   llmspell run examples/javascript/state_transactions.js

State.clear("custom:bank");
State.save("custom:bank", "ann", 100);
State.save("custom:bank", "bob", 0);

// All of it, or nothing. Where others were in the way, the function is called again.
function pay(from, to, amount) {
  return State.transaction(
    async (tx) => {
      const left = tx.load("custom:bank", from) - amount;
      if (left < 0) throw new Error(`${from} has not got ${amount}`);
      tx.save("custom:bank", from, left);
      await Async.sleep(0);
      tx.save("custom:bank", to, tx.load("custom:bank", to) + amount);
      return left;
    },
    { maxAttempts: 100 },
  );
}

console.log(`ann has ${await pay("ann", "bob", 30)} left`);
await pay("ann", "bob", 500).catch((error) => console.log(error.message));

// Ten payments at once: none is lost, and the sum stays the same.
const payments = [];
for (let number = 1; number <= 10; number++) payments.push(pay("bob", "ann", number % 3));
await Promise.all(payments);
const bank = State.loadAll("custom:bank");
console.log(`ann ${bank.ann}, bob ${bank.bob}, together ${bank.ann + bank.bob}`);

// One number that everybody adds to needs no transaction.
State.delete("custom:bank", "visits");
for (let visit = 1; visit <= 3; visit++) State.increment("custom:bank", "visits");
console.log(`visits: ${State.increment("custom:bank", "visits", 2)}`);

// Whoever comes first has the job, for a minute.
for (const worker of ["first", "second"]) {
  const got = State.compareAndSet("custom:bank", "audit", null, worker, { ttlSeconds: 60 });
  console.log(worker + (got ? " audits" : " comes too late"));
}

// Written only if nobody has written since it was read.
const seen = State.getWithVersion("custom:bank", "bob");
State.save("custom:bank", "bob", 7);
console.log(`written over: ${State.saveIfVersion("custom:bank", "bob", seen.version, 0)}`);
