--- @include ./season.lua
-- A board's rules.
-- KEYS  1 board's meta  2 seasons  3... window (season.lua)
-- ARGV  1 plan  2... window (season.lua)
-- Returns {"ok", total in the window, name, value, name, value, ...}, or what season.lua says.

local window = believed_window(3, 2)
local wrong = disproved(KEYS[1], KEYS[2], ARGV[1], { window }, now_ms())
if wrong then return wrong end
return { 'ok', tostring(redis.call('ZCARD', window.ranking)), unpack(redis.call('HGETALL', KEYS[1])) }
