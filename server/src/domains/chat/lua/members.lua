--- @include ./room.lua
--- @args cursor count
--- @reply ok: nextCursor members...
-- Reads about `count` members of a room with HSCAN. `cursor` is "0" for the first page, and `nextCursor` is
-- "0" after the last page. `members` has the user and the role of one member, then those of the next member.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local found = redis.call('HSCAN', MEMBERS_KEY, cursor, 'COUNT', count)
return { 'ok', found[1], unpack(found[2]) }
