--- @include ./message-page.lua
--- @args before after thread limit
--- @reply ok: epoch offset id hasMore replies unreadReplies messages...
-- Reads a page of messages, or of the replies to the message at the offset `thread`. `before`, `after` and
-- `thread` are offsets or "". `epoch` is "" without a log; `offset` and `id` are those of the last item.
-- `replies` and `unreadReplies` count the thread. `messages` alternates offset and item.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local prefix = thread == '' and '' or thread_prefix(tonumber(thread))
local reply = { 'ok', '', '0', '', '0', '0', '0' }
if room.isConsistent then
  reply[2], reply[3], reply[4] = room.epoch, whole(room.next - 1), room.lastId
  if thread ~= '' then
    reply[6], reply[7] = whole(count_messages(prefix)), whole(count_unread(prefix, read_mark()))
  end
end
if add_messages(reply, room, prefix, before, after, tonumber(limit)) then reply[5] = '1' end
return reply
