-- The log goes to standard error, and the output stays clean: levels, names, fields, timers, errors.
--
--   llmspell run examples/lua/logging.lua --log-level info

local log = Logger.new({ name = "shop.orders" }):with_context({ order = 17 })
Logger.set_correlation_id("order-17")

log:debug("this is not written")
log:info("received", { customer = "Ada" })

local timer = log:timer("packing")
Async.sleep(0.01)
timer:stop()

local ok, problem = pcall(Tool.execute, "json-processor", { operation = "query", input = "{", query = "." })
if not ok then log:error("no parcel", problem) end

-- What is costly to tell is told only where somebody listens.
if Logger.is_enabled("debug") then log:debug("all", State.list_keys("global")) end
print("done")
