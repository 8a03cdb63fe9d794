--- @include ../../../redis/lua/clock.lua
-- What was counted in each interval of one kind.
-- KEYS  1 counter's meta  2 series
-- ARGV  1 interval  2 how many intervals at most
-- Returns {"ok", Redis's time in ms, "<number> <count>", ...} as series.lua describes it, oldest first, or
-- {"not_found"} when the counter keeps no such series.

local series = redis.call('HGET', KEYS[1], 'series') or ''
if not string.find(series, ARGV[1], 1, true) then return { 'not_found' } end
return { 'ok', string.format('%.0f', now_ms()), unpack(redis.call('LRANGE', KEYS[2], -ARGV[2], -1)) }
