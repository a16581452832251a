"""What a Redis or Valkey server does for a store at once, in its own Lua.

Under the store's name there are: ``version``, the newest version; ``scopes``, a set of all scopes;
``entries:SCOPE``, a hash of entries by key, each ``VERSION|EXPIRES|CHANGED|TEXT`` with times in milliseconds
and 0 for never; ``expiring``, what has a time to live, by its end; and ``changes``, a stream. All times are
the server's. The first argument of each script is the store's name, the second who changes.
"""

from __future__ import annotations

_COMMON = """
local name = ARGV[1]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function hash_of(scope) return name .. ':entries:' .. scope end

local function parts(raw) return string.match(raw, '^(%d+)|(%d+)|(%d+)|') end

local function is_live(raw)
  if not raw then return false end
  local _, expires = parts(raw)
  return tonumber(expires) == 0 or tonumber(expires) > now
end

local function number(value) return string.format('%.0f', value) end
"""
_CHANGING = """
local function member(scope, key) return #scope .. '|' .. scope .. key end

local function told(scope, key, operation, version)
  redis.call('XADD', name .. ':changes', 'MAXLEN', '~', 1000, '*',
    'scope', scope, 'key', key, 'operation', operation, 'version', version, 'origin', ARGV[2])
end

local function remove(scope, key, operation)
  if redis.call('HDEL', hash_of(scope), key) == 0 then return 0 end
  redis.call('ZREM', name .. ':expiring', member(scope, key))
  if redis.call('HLEN', hash_of(scope)) == 0 then redis.call('SREM', name .. ':scopes', scope) end
  local version = redis.call('INCR', name .. ':version')
  told(scope, key, operation, number(version))
  return version
end

local function sweep()
  local gone = redis.call('ZRANGEBYSCORE', name .. ':expiring', '-inf', number(now), 'LIMIT', 0, 1000)
  for _, one in ipairs(gone) do
    local length, rest = string.match(one, '^(%d+)|(.*)$')
    remove(string.sub(rest, 1, tonumber(length)), string.sub(rest, tonumber(length) + 1), 'expire')
  end
  return #gone
end
"""
ENTRY = (
    _COMMON
    + """
local raw = redis.call('HGET', hash_of(ARGV[3]), ARGV[4])
return is_live(raw) and raw or false
"""
)
ENTRIES = (
    _COMMON
    + """
local found, all = {}, redis.call('HGETALL', hash_of(ARGV[3]))
for at = 1, #all, 2 do
  if is_live(all[at + 1]) then
    found[#found + 1] = all[at]
    found[#found + 1] = all[at + 1]
  end
end
return found
"""
)
SCOPES = (
    _COMMON
    + """
local found = {}
for _, scope in ipairs(redis.call('SMEMBERS', name .. ':scopes')) do
  for _, raw in ipairs(redis.call('HVALS', hash_of(scope))) do
    if is_live(raw) then
      found[#found + 1] = scope
      break
    end
  end
end
return found
"""
)
EVERYTHING = (
    _COMMON
    + """
local found = {}
for _, scope in ipairs(redis.call('SMEMBERS', name .. ':scopes')) do
  local all = redis.call('HGETALL', hash_of(scope))
  for at = 1, #all, 2 do
    if is_live(all[at + 1]) then
      found[#found + 1] = scope
      found[#found + 1] = all[at]
      found[#found + 1] = all[at + 1]
    end
  end
end
return found
"""
)
COMMIT = (
    _COMMON
    + _CHANGING
    + """
sweep()
local at = 2
local function argument()
  at = at + 1
  return ARGV[at]
end

for _ = 1, tonumber(argument()) do
  local scope, key, known = argument(), argument(), argument()
  local raw = redis.call('HGET', hash_of(scope), key)
  local version = is_live(raw) and parts(raw) or '0'
  if version ~= known then return false end
end
for _ = 1, tonumber(argument()) do
  local scope, count = argument(), tonumber(argument())
  local is_same = redis.call('HLEN', hash_of(scope)) == count
  for _ = 1, count do
    is_same = redis.call('HEXISTS', hash_of(scope), argument()) == 1 and is_same
  end
  if not is_same then return false end
end
local versions = {}
for _ = 1, tonumber(argument()) do
  local scope, key, kind, ttl, text = argument(), argument(), argument(), argument(), argument()
  if kind == 'delete' then
    versions[#versions + 1] = remove(scope, key, 'delete')
  else
    local expires = ttl == '' and 0 or now + tonumber(ttl)
    local version = redis.call('INCR', name .. ':version')
    local head = number(version) .. '|' .. number(expires) .. '|' .. number(now) .. '|'
    redis.call('HSET', hash_of(scope), key, head .. text)
    redis.call('SADD', name .. ':scopes', scope)
    if expires == 0 then redis.call('ZREM', name .. ':expiring', member(scope, key))
    else redis.call('ZADD', name .. ':expiring', number(expires), member(scope, key)) end
    told(scope, key, 'save', number(version))
    versions[#versions + 1] = version
  end
end
return versions
"""
)
"""After the name and who: versions seen, keys seen and writes, each led by their count."""
SWEEP = f"{_COMMON}{_CHANGING}return sweep()"
