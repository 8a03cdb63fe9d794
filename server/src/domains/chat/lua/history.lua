--- @include ./log.lua
--- @include ./page.lua
-- A page of messages.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 before this offset, or ""  9 behind this offset, or ""  10 limit
-- Returns {"ok", epoch ("" when there is no log), offset and id of the log's last item, "1" when there are more, offset,
-- item, offset, item, ...}, or {"forbidden"}.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local reply = { 'ok', '', '0', '', '0' }
if room.isWhole then reply[2], reply[3], reply[4] = room.epoch, whole(room.next - 1), room.lastId end
if add_messages(reply, room, ARGV[8], ARGV[9], tonumber(ARGV[10])) then reply[5] = '1' end
return reply
