--- @include ./room.lua
--- @include ../../../redis/lua/idempotency.lua
--- @args user role
--- @reply ok:
--- @reply not_moderator:
-- Adds a member to a room, or changes a member's role. Moderators can only add plain members; servers can
-- also add moderators and change roles.

local known = first_reply()
if known then return known end

local room = read_room()
local role_of_the_caller = role_of_caller(room, now_ms())
if not role_of_the_caller then return { 'forbidden' } end
local is_plain = role == 'member' and redis.call('HGET', MEMBERS_KEY, user) ~= 'moderator'
if role_of_the_caller ~= 'server' and not (role_of_the_caller == 'moderator' and is_plain) then
  return { 'not_moderator' }
end
redis.call('HSET', MEMBERS_KEY, user, role)
return keep_reply({ 'ok' })
