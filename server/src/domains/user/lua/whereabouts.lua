--- @include ../../../redis/lua/clock.lua
--- @keys meta rooms
--- @args showsRooms
--- @reply ok: nowMs seenAtMs roomCount rooms...
-- Reads in which rooms a user is, and when the user was last in one. `seenAtMs` is "" for never. `rooms` is
-- empty unless `shows_rooms` is "1"; `roomCount` is always set.

local now = now_ms()
local seen_at = redis.call('HGET', META_KEY, 'seenAt') or ''
-- A time more than a minute in the future was written while Redis's clock was ahead.
if seen_at ~= '' and tonumber(seen_at) > now + 60000 then seen_at = string.format('%.0f', now) end
local reply = {
  'ok',
  string.format('%.0f', now),
  seen_at,
  string.format('%.0f', redis.call('HLEN', ROOMS_KEY)),
}
if shows_rooms == '1' then
  for _, room in ipairs(redis.call('HKEYS', ROOMS_KEY)) do
    reply[#reply + 1] = room
  end
end
return reply
