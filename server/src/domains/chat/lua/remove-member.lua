--- @include ./access.lua
-- Takes a user out of a room.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 the user
-- Returns {"ok"}, or {"forbidden"}, {"not_moderator"}, {"no_member"}.

local known = first_answer(KEPT, FINGERPRINT)
if known then return known end

local room = read_room()
local now = room_time(room)
local role = role_of_caller(room, now)
if not role then return { 'forbidden' } end
local role_of_user = redis.call('HGET', MEMBERS, ARGV[8])
local may_remove = role == 'server' or CALLER == ARGV[8] or role == 'moderator' and role_of_user ~= 'moderator'
if not may_remove then return { 'not_moderator' } end
if not role_of_user then return { 'no_member' } end
redis.call('HDEL', MEMBERS, ARGV[8])
access_changed(room, now, ARGV[8])
return answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok' })
