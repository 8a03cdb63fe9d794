--- @include ../../../redis/lua/clock.lua
-- Where a user is, and when it last was in any room.
-- KEYS  1 meta  2 rooms
-- ARGV  1 "1" when the rooms are wanted, and not only whether there are any
-- Returns {Redis's time in ms, when the user was last seen in ms or "", how many rooms, room, room, ...}.

local reply = {
  string.format('%.0f', now_ms()),
  redis.call('HGET', KEYS[1], 'seenAt') or '',
  string.format('%.0f', redis.call('HLEN', KEYS[2])),
}
if ARGV[1] == '1' then
  for _, room in ipairs(redis.call('HKEYS', KEYS[2])) do reply[#reply + 1] = room end
end
return reply
