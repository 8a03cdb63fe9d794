--- @include ./access-change.lua
--- @include ../../../redis/lua/idempotency.lua
--- @args user
--- @reply ok:
--- @reply not_moderator:
--- @reply no_member:
-- Removes a member from a room. A user may remove itself, a moderator any member who is no moderator, and a
-- server any member.

local known = first_reply()
if known then return known end

local room = read_room()
local role = role_of_caller(room, now_ms())
if not role then return { 'forbidden' } end
local role_of_user = redis.call('HGET', MEMBERS_KEY, user)
local may_remove = role == 'server'
  or caller == user
  or role == 'moderator' and role_of_user ~= 'moderator'
if not may_remove then return { 'not_moderator' } end
if not role_of_user then return { 'no_member' } end
redis.call('HDEL', MEMBERS_KEY, user)
access_changed(room, user)
return keep_reply({ 'ok' })
