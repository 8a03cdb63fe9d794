--- @include ../../../redis/lua/clock.lua
--- @keys meta rooms
--- @args showsRooms
--- @reply ok: nowMs seenAtMs roomCount rooms...
-- Reads where a user is, and when the user was last in a room. `seenAtMs` is "" for never; `rooms` are empty
-- unless `shows_rooms` is "1".

local reply = {
  'ok',
  string.format('%.0f', now_ms()),
  redis.call('HGET', META_KEY, 'seenAt') or '',
  string.format('%.0f', redis.call('HLEN', ROOMS_KEY)),
}
if shows_rooms == '1' then
  for _, room in ipairs(redis.call('HKEYS', ROOMS_KEY)) do
    reply[#reply + 1] = room
  end
end
return reply
