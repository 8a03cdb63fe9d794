--- @include ./room.lua
-- A part of a room's members.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 where to go on, "0" for the beginning  9 about how many
-- Returns {"ok", where to go on, "0" at the end, user, role, user, role, ...}, or {"forbidden"}.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local found = redis.call('HSCAN', MEMBERS, ARGV[8], 'COUNT', ARGV[9])
return { 'ok', found[1], unpack(found[2]) }
