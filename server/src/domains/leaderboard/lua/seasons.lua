--- @include ./season.lua
--- @reply ok: totals records
-- Reads the seasons of a board. A window is a recurring period, such as "weekly". A season is one such
-- period.
--   totals   the number of entries in the open season of each window
--   records  the HASH of seasons (season-record.lua)

local windows = cached_windows()
local stale = check_cache(windows, now_ms())
if stale then return stale end
local totals = {}
for number, window in ipairs(windows) do
  totals[number] = tostring(redis.call('ZCARD', window.ranking))
end
return { 'ok', totals, redis.call('HGETALL', SEASONS_KEY) }
