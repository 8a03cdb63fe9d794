--- @include ./access.lua
-- Mutes or bans a user, or takes that back.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 the user  9 "mute", "unmute", "ban" or "unban"  10 for how many ms, "" for good
-- Returns {"ok", until when the user is muted, until when banned}, both in ms: "0" for not, FOREVER for good; or
-- {"forbidden"}, {"not_moderator"}.

local FOREVER = 9007199254740991

local known = first_answer(KEPT, FINGERPRINT)
if known then return known end

local room = read_room()
local now = room_time(room)
local role = role_of_caller(room, now)
if not role then return { 'forbidden' } end
local user, action = ARGV[8], ARGV[9]
-- Moderators have no power over each other.
local may_act = role == 'server' or role == 'moderator' and redis.call('HGET', MEMBERS, user) ~= 'moderator'
if not may_act then return { 'not_moderator' } end

local key = (action == 'mute' or action == 'unmute') and MUTES or BANS
redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now))
if action == 'mute' or action == 'ban' then
  redis.call('ZADD', key, whole(ARGV[10] == '' and FOREVER or now + tonumber(ARGV[10])), user)
else
  redis.call('ZREM', key, user)
end
if action == 'ban' then access_changed(room, now, user) end

local function until_in(sanctions)
  local ends_at = tonumber(redis.call('ZSCORE', sanctions, user) or 0)
  return whole(ends_at > now and ends_at or 0)
end
return answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok', until_in(MUTES), until_in(BANS) })
