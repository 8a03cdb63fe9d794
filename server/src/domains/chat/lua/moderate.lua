--- @include ./access-change.lua
--- @include ../../../redis/lua/idempotency.lua
--- @keys mutes
--- @args user action ttlMs
--- @reply ok: mutedUntilMs bannedUntilMs
--- @reply not_moderator:
-- Mutes or bans a user, or ends the mute or ban. `action` is "mute", "unmute", "ban" or "unban". `ttlMs` is
-- "" for a permanent sanction. The reply tells when the user's mute and ban end: "0" when there is none,
-- FOREVER for a permanent one.

local FOREVER = 9007199254740991
local DAY_MS = 86400000

local known = first_reply()
if known then return known end

local room = read_room()
local now = now_ms()
local role = role_of_caller(room, now)
if not role then return { 'forbidden' } end
-- A moderator can't sanction another moderator.
local is_over_user = role == 'moderator' and redis.call('HGET', MEMBERS_KEY, user) ~= 'moderator'
if role ~= 'server' and not is_over_user then return { 'not_moderator' } end

local key = (action == 'mute' or action == 'unmute') and MUTES_KEY or BANS_KEY
-- A sanction is kept for a day after its end, because Redis's clock may be wrong. While the clock is ahead,
-- the sanction seems to end too early. After the clock is corrected, the kept sanction applies again.
redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now - DAY_MS))
if action == 'mute' or action == 'ban' then
  redis.call('ZADD', key, whole(ttl_ms == '' and FOREVER or now + tonumber(ttl_ms)), user)
else
  redis.call('ZREM', key, user)
end
if action == 'ban' then access_changed(room, user) end

local function until_in(sanctions)
  local ends_at = tonumber(redis.call('ZSCORE', sanctions, user) or 0)
  return whole(ends_at > now and ends_at or 0)
end
return keep_reply({ 'ok', until_in(MUTES_KEY), until_in(BANS_KEY) })
