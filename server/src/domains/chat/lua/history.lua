--- @include ./message-page.lua
--- @args before after limit
--- @reply ok: epoch offset id hasMore messages...
-- Reads a page of messages. `before` and `after` are offsets or "". `epoch` is "" without a log; `offset` and
-- `id` are those of the last item. `messages` alternates offset and item.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local reply = { 'ok', '', '0', '', '0' }
if room.isConsistent then
  reply[2], reply[3], reply[4] = room.epoch, whole(room.next - 1), room.lastId
end
if add_messages(reply, room, before, after, tonumber(limit)) then reply[5] = '1' end
return reply
