--- @include ./season.lua
--- @reply ok: total pairs...
-- Reads a board's meta as name and value pairs, and the number of entries in the window.

local season = windows_at(1)
local stale = check_cache({ season }, now_ms())
if stale then return stale end
return { 'ok', tostring(redis.call('ZCARD', season.ranking)), unpack(redis.call('HGETALL', META_KEY)) }
