--- @include ./writer.lua
-- Tells of somebody who writes. Nothing of it is stored.
-- KEYS  as room.lua, and  11 that the caller has typed lately
-- ARGV  as room.lua, and  8 what to tell, JSON  9 ms in which it is told once
-- Returns {"ok", "1" when it was told}, or {"forbidden"}, {"muted", until}.

local room = read_room()
local role, refusal = writer_role(room, now_ms())
if not role then return refusal end
if not redis.call('SET', KEYS[11], '1', 'NX', 'PX', ARGV[9]) then return { 'ok', '0' } end
redis.call(PUBLISH, TOPIC, 'typing ' .. ARGV[8])
return { 'ok', '1' }
