--- @include ../../../redis/lua/clock.lua
--- @keys meta
--- @keys intervals[]: series
--- @args last
--- @args intervals[]: name
--- @reply ok: nowMs counts...
--- @reply not_found:
-- Reads the last elements of one series, oldest first. Each is "<number of the interval since 1970> <count>"
-- (series.lua). Replies `not_found` when the counter keeps no such series.

local interval = intervals_at(1)
local series = redis.call('HGET', META_KEY, 'series') or ''
if not string.find(series, interval.name, 1, true) then return { 'not_found' } end
local counts = redis.call('LRANGE', interval.series, -last, -1)
return { 'ok', string.format('%.0f', now_ms()), unpack(counts) }
