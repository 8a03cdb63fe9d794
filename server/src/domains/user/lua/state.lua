--- @include ../../../redis/lua/clock.lua
--- @include ./notices.lua
-- What a user's channel shows.
-- KEYS  1 meta  2 rooms  3 notices
-- ARGV  1 offset behind which notices are wanted  2 for how long they are kept, in ms
-- Returns {epoch ("" where there is no record), offset, JSON of the rooms, notice, notice, ...}; notices as in the list.

local fields = redis.call('HMGET', KEYS[1], 'epoch', 'offset')
local reply = { fields[1] or '', fields[2] or '0', cjson.encode(redis.call('HKEYS', KEYS[2])) }
local now = now_ms()
for _, encoded in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
  local is_wanted = tonumber(cjson.decode(encoded)[1]) > tonumber(ARGV[1])
  if is_wanted and not is_outdated(encoded, now, tonumber(ARGV[2])) then reply[#reply + 1] = encoded end
end
return reply
