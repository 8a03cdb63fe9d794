--- @include ../../../redis/lua/clock.lua
--- @keys traces traceTopic
--- @args publishCommand id
-- Ends a delivery trace on all nodes. The records of the trace stay until they expire.

local stored = redis.call('HGET', TRACES_KEY, id)
if stored then
  local trace = cjson.decode(stored)
  trace.endsAtMs = math.min(trace.endsAtMs, now_ms())
  redis.call('HSET', TRACES_KEY, id, cjson.encode(trace))
end
redis.call(publish_command, TRACE_TOPIC_KEY, id)
return { 'ok' }
