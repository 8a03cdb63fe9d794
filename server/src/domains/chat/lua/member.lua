--- @include ./room.lua
--- @args user
--- @reply ok: role
--- @reply no_member:
-- Reads the role of one member.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local role = redis.call('HGET', MEMBERS_KEY, user)
if not role then return { 'no_member' } end
return { 'ok', role }
