--- @include ./presence.lua
-- A part of those who are present, in the order of their stays.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6 the caller's user id, "" for an app's server  7 what its credentials make of
--       it, as in room-access.lua  8 epoch of the page before, or ""  9 its last stay  10 how many at most
--       11 about how many bytes at most
-- Returns {"ok", epoch ("" when nobody ever was here), offset, how many are present, "1" when there are more}, and of each
-- the user and {stay, since, stamp, state, profile} as JSON; or {"forbidden"}.

local room = read_presence()
if not role_granted(ARGV[7], room, ARGV[6], room.now) then return { 'forbidden' } end
local limit, most_bytes = tonumber(ARGV[10]), tonumber(ARGV[11])
-- Stays of another epoch say nothing about these: the scroll begins anew.
local behind = room.epoch == ARGV[8] and ARGV[9] or '0'
local reply = { 'ok', room.epoch or '', whole(room.offset), whole(redis.call('ZCARD', PRESENT)), '0' }
if limit == 0 then return reply end
local users = redis.call('ZRANGEBYSCORE', PRESENT, '(' .. behind, '+inf', 'LIMIT', 0, limit + 1)
local bytes = 0
for at, user in ipairs(users) do
  local record = record_of(user)
  local encoded = record and shown(user, record)
  bytes = bytes + (encoded and #encoded or 0)
  if at > limit or at > 1 and bytes > most_bytes then
    reply[5] = '1'
    break
  end
  if encoded then reply[#reply + 1], reply[#reply + 2] = user, encoded end
end
return reply
