--- @include ./room.lua
-- One member of a room.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 the user
-- Returns {"ok", role}, or {"forbidden"}, {"no_member"}.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local role = redis.call('HGET', MEMBERS, ARGV[8])
if not role then return { 'no_member' } end
return { 'ok', role }
