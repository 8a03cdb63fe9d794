--- @include ./season.lua
-- The seasons that a board knows, open and closed.
-- KEYS  1 board's meta  2 seasons  3... windows (season.lua)
-- ARGV  1 plan  2 number of windows  3... windows (season.lua)
-- Returns {"ok", {total of each window's open season}, {"<window> <season>", its text (season-record.lua), ...}}, or what
-- season.lua says.

local windows = believed_windows(3, 2)
local wrong = disproved(KEYS[1], KEYS[2], ARGV[1], windows, now_ms())
if wrong then return wrong end
local totals = {}
for number, window in ipairs(windows) do totals[number] = tostring(redis.call('ZCARD', window.ranking)) end
return { 'ok', totals, redis.call('HGETALL', KEYS[2]) }
