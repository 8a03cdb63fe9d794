--- @include ./room.lua
-- A part of a room's members.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  7 where to go on, "0" for the beginning  8 about how many
-- Returns {"ok", where to go on, "0" at the end, user, role, user, role, ...}, or {"forbidden"}.

local room = read_room()
if not role_in(room, CALLER, now_ms()) then return { 'forbidden' } end
local found = redis.call('HSCAN', MEMBERS, ARGV[7], 'COUNT', ARGV[8])
return { 'ok', found[1], unpack(found[2]) }
