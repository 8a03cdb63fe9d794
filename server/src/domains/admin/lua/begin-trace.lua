--- @include ../../../redis/lua/clock.lua
--- @keys traces traceTopic records
--- @args publishCommand id room user ttlMs keptMs maxTraces
--- @reply ok: endsAtMs
--- @reply full:
-- Begins a trace on all nodes. The stream `records` gets a first entry without a record, because nodes write
-- only to a stream that exists. An ended trace stays in `traces` for as long as its records are kept.

local now = now_ms()
local running = 0
local stored = redis.call('HGETALL', TRACES_KEY)
for at = 1, #stored, 2 do
  local trace = cjson.decode(stored[at + 1])
  if trace.endsAtMs > now then
    running = running + 1
  elseif (trace.keptUntilMs or 0) <= now then
    redis.call('HDEL', TRACES_KEY, stored[at])
  end
end
if running >= tonumber(max_traces) then return { 'full' } end

local ends_at = now + ttl_ms
local trace = { room = room, user = user, endsAtMs = ends_at, keptUntilMs = now + kept_ms }
redis.call('HSET', TRACES_KEY, id, cjson.encode(trace))
redis.call('PEXPIRE', TRACES_KEY, kept_ms)
redis.call('XADD', RECORDS_KEY, '*', 'begun', '1')
redis.call('PEXPIRE', RECORDS_KEY, kept_ms)
redis.call(publish_command, TRACE_TOPIC_KEY, id)
return { 'ok', string.format('%.0f', ends_at) }
