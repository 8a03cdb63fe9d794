--- @include ./presence.lua
--- @args knownEpoch knownOffset limit
--- @reply ok: epoch offset accessVersion count members...
-- Reads a room for a feed. A feed is one node's copy of the room in memory. It already has all changes up to
-- the position `known_epoch` and `known_offset`; these are "" and 0 for a first read. `epoch` is "" for a
-- room without presence. `members` are pairs of a user and the member as JSON; they are left out if the room
-- has more than `limit` members.

local room = read_presence()
if room.epoch == known_epoch and room.offset < tonumber(known_offset) then
  -- Redis lost the room's last publications. New ones would get the same offsets, so a new epoch begins.
  room.epoch = new_epoch
  redis.call('HSET', META_KEY, 'epoch', room.epoch)
end
local count = redis.call('ZCARD', PRESENT_KEY)
local reply = { 'ok', room.epoch or '', whole(room.offset), room.access_version, whole(count) }
if count > tonumber(limit) then return reply end

local PAGE = 500
for from = 0, count - 1, PAGE do
  local users = redis.call('ZRANGE', PRESENT_KEY, from, from + PAGE - 1)
  local records = redis.call('HMGET', RECORDS_KEY, unpack(users))
  for at, user in ipairs(users) do
    if records[at] then
      reply[#reply + 1], reply[#reply + 2] = user, encode_member(user, cjson.decode(records[at]))
    end
  end
end
return reply
