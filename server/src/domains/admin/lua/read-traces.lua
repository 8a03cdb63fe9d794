--- @include ../../../redis/lua/clock.lua
--- @keys traces
--- @reply ok: nowMs traces[]
-- Reads all traces, as pairs of an id and JSON, and Redis's time.

return { 'ok', string.format('%.0f', now_ms()), redis.call('HGETALL', TRACES_KEY) }
