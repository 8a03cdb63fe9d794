--- @include ./message-page.lua
--- @args before after thread limit
--- @reply ok: epoch offset id hasMore replies unreadReplies messages...
-- Reads a page of messages. `before`, `after` and `thread` are offsets or "". With `thread`, the page has
-- only the replies to the message at that offset.
--   epoch, offset, id       the position of the log's last item; `epoch` is "" if the room has no log, or if
--                           Redis has lost a part of the log
--   replies, unreadReplies  how many replies the thread has, and how many of them the caller has not read
--   messages                the offset and the item of the first message, then those of the next, and so on

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
