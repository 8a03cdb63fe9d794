--- @include ./log-range.lua
--- @include ./message-page.lua
--- @args epoch offset id messages limitBytes
--- @reply recovered: epoch access offset id last items...
--- @reply snapshot: epoch access offset id reason hasMore messages...
-- Reads what a subscription begins with: the items after a position, or else the last messages. `epoch` is ""
-- for no position, `id` is "" when it is not known. `reason` is "" without a position. A room without a log
-- gets an epoch, so that a client that saw it empty can resume.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
begin_log(room)

local reason = ''
if epoch ~= '' then
  reason = gap_after(room, epoch, tonumber(offset), id)
  if not reason then return recovered_reply(room, tonumber(offset), tonumber(limit_bytes)) end
end
local reply =
  { 'snapshot', room.epoch, whole(room.access), whole(room.next - 1), room.lastId, reason, '0' }
if add_messages(reply, room, '', '', '', tonumber(messages)) then reply[7] = '1' end
return reply
