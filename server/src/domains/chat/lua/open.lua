--- @include ./log.lua
--- @include ./missed-items.lua
--- @include ./page.lua
-- Where a subscriber begins. A room without a log gets an epoch, so that whoever saw it empty can come back to it.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 epoch, 9 offset, 10 item id of the position to resume from; "" for none or not known
--       11 how many messages a snapshot holds  12 how many bytes of missed items to return, about
-- Returns {"ok", epoch, access version, "recovered", offset and id of the last item returned, offset of the log's last
-- item, item, item, ...}, or {"ok", epoch, access version, reason or "fresh", offset and id of the log's last item,
-- "1" when there are older messages, offset, item, offset, item, ...}, or {"forbidden"}.

local room = read_room()
local now = room_time(room)
if not role_of_caller(room, now) then return { 'forbidden' } end
begin_log(room, now)

local last = whole(room.next - 1)
local outcome = ARGV[8] == '' and 'fresh' or gap_behind(room, ARGV[8], tonumber(ARGV[9]), ARGV[10])
local reply = { 'ok', room.epoch, whole(room.access) }
if outcome then
  reply[4], reply[5], reply[6], reply[7] = outcome, last, room.lastId, '0'
  if add_messages(reply, room, '', '', tonumber(ARGV[11])) then reply[7] = '1' end
  return reply
end
local items = items_behind(room, tonumber(ARGV[9]), tonumber(ARGV[12]))
local read_to = tonumber(ARGV[9]) + #items
reply[4], reply[5], reply[6], reply[7] = 'recovered', whole(read_to), id_at(room, read_to), last
for _, encoded in ipairs(items) do reply[#reply + 1] = encoded end
return reply
