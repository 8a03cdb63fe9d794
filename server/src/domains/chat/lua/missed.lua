--- @include ./log.lua
--- @include ./missed-items.lua
-- What a node missed of a room that it follows.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 epoch, 9 offset, 10 item id of the position to read on from  11 bytes to return, about
-- Returns {"ok", epoch, access version, "recovered", offset and id of the last item returned, offset of the log's
-- last item, item, item, ...}, or {"ok", epoch, access version, reason, offset and id of the log's last item}. A log that
-- has lost its end goes on in a new epoch.

local room = read_room()
begin_log(room, room_time(room))
local reason = gap_behind(room, ARGV[8], tonumber(ARGV[9]), ARGV[10])
if reason == 'ahead' or reason == 'forked' then
  -- What a node has handed on is gone. Whoever comes back has to hear of it, also those who were not as far.
  room.epoch = ARGV[6]
  redis.call('HSET', META, 'epoch', room.epoch)
end
local last = whole(room.next - 1)
if reason then return { 'ok', room.epoch, whole(room.access), reason, last, room.lastId } end

local items = items_behind(room, tonumber(ARGV[9]), tonumber(ARGV[11]))
local read_to = tonumber(ARGV[9]) + #items
local reply = { 'ok', room.epoch, whole(room.access), 'recovered', whole(read_to), id_at(room, read_to), last }
for _, encoded in ipairs(items) do reply[#reply + 1] = encoded end
return reply
