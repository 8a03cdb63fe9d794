--- @include ./log-range.lua
--- @include ./message-page.lua
--- @args epoch offset id messages limitBytes
--- @args users[]: id granted
--- @reply recovered: allowed epoch accessVersion offset id last items...
--- @reply snapshot: allowed epoch accessVersion offset id reason hasMore messages...
-- Reads the state with which the subscriptions of several users begin: the items after a position if the log
-- still has them, else a snapshot with the last messages. The arguments `epoch` and `offset` are the
-- position; `epoch` is "" without a position. The argument `id` is the id of the item at the position, or ""
-- if the client did not send that id. A room without a log gets an epoch, so that a client that
-- subscribes to an empty room can resume.
--   allowed    a string with "1" for each user that may see the room and "0" for each other. If no user may
--              see it, the script replies `forbidden`
--   recovered  the items after the position. `last` is the offset of the log's last item. read-log.lua
--              describes this reply
--   snapshot   the last messages. `reason` is why the items can't be read (log-range.lua), or "" without a
--              position. `hasMore` is "1" when the room has earlier messages. `messages` contains the
--              offset and the item of the first message, then those of the next message, and so on

local room = read_room()
local now = now_ms()
local allowed = {}
for number = 1, users_count do
  local user = users_at(number)
  allowed[number] = role_granted(user.granted, room, user.id, now) and '1' or '0'
end
allowed = table.concat(allowed)
if not string.find(allowed, '1', 1, true) then return { 'forbidden' } end
begin_log(room)

local reason = ''
if epoch ~= '' then
  reason = gap_after(room, epoch, tonumber(offset), id)
  if not reason then
    local reply = recovered_reply(room, tonumber(offset), tonumber(limit_bytes))
    table.insert(reply, 2, allowed)
    return reply
  end
end
local reply = {
  'snapshot',
  allowed,
  room.epoch,
  whole(room.accessVersion),
  whole(room.next - 1),
  room.lastId,
  reason,
  '0',
}
if add_messages(reply, room, '', '', '', tonumber(messages)) then reply[8] = '1' end
return reply
