--- @include ../../../redis/lua/clock.lua
--- @keys traces
--- @reply ok: nowMs traces[]
-- Reads what is traced, with Redis's time.

return { 'ok', string.format('%.0f', now_ms()), redis.call('HGETALL', TRACES_KEY) }
