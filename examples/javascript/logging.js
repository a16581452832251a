// The log goes to standard error, and the output stays clean: levels, names, fields, timers, errors.
//
//   llmspell run examples/javascript/logging.js --log-level info

const log = Logger.new({ name: "shop.orders" }).withContext({ order: 17 });
Logger.setCorrelationId("order-17");

log.debug("this is not written");
log.info("received", { customer: "Ada" });

const timer = log.timer("packing");
await Async.sleep(0.01);
timer.stop();

try {
  await Tool.execute("json-processor", { operation: "query", input: "{", query: "." });
} catch (problem) {
  log.error("no parcel", problem);
}

// What is costly to tell is told only where somebody listens.
if (Logger.isEnabled("debug")) log.debug("all", State.listKeys("global"));
console.log("done");
