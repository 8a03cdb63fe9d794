--- @include ./presence.lua
-- What a node's watchers have to know of a room.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6 epoch and  7 offset up to which they know, "" and "0" for nothing  8 above how many
--       members only their number matters
-- Returns {"ok", epoch ("" when nobody ever was here), offset, access version, how many are present}, and of each, if
-- they are not too many, the user and {stay, since, stamp, state, profile} as JSON.

local room = read_presence()
if room.epoch == ARGV[6] and room.offset < tonumber(ARGV[7]) then
  -- Redis lost what it had told of. The offsets that come next were told of something else.
  room.epoch = ARGV[3]
  redis.call('HSET', META, 'epoch', room.epoch)
end
local count = redis.call('ZCARD', PRESENT)
local reply = { 'ok', room.epoch or '', whole(room.offset), room.access, whole(count) }
if count > tonumber(ARGV[8]) then return reply end

local PAGE = 500
for from = 0, count - 1, PAGE do
  local found = redis.call('ZRANGE', PRESENT, from, from + PAGE - 1)
  local records = redis.call('HMGET', RECORDS, unpack(found))
  for at, user in ipairs(found) do
    if records[at] then
      reply[#reply + 1], reply[#reply + 2] = user, shown(user, cjson.decode(records[at]))
    end
  end
end
return reply
