--- @include ./room.lua
--- @args cursor count
--- @reply ok: nextCursor members...
-- Reads about `count` members of a room. The cursor is "0" at the beginning and after the end. `members`
-- alternates user and role.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local found = redis.call('HSCAN', MEMBERS_KEY, cursor, 'COUNT', count)
return { 'ok', found[1], unpack(found[2]) }
