--- @include ./log-range.lua
--- @include ./message-page.lua
--- @args epoch offset id messages limitBytes
--- @args users[]: id granted
--- @reply recovered: answers epoch access offset id last items...
--- @reply snapshot: answers epoch access offset id reason hasMore messages...
-- Reads what the subscriptions of some users begin with: the items after a position, or else the last
-- messages. `answers` has "1" for each user who may see the room and "0" for others; without any, nothing is
-- read. `epoch` is "" for no position, `id` is "" when it is not known. `reason` is "" without a position. A
-- room without a log gets an epoch, so that a client that saw it empty can resume.

local room = read_room()
local now = now_ms()
local answers = {}
for number = 1, users_count do
  local user = users_at(number)
  answers[number] = role_granted(user.granted, room, user.id, now) and '1' or '0'
end
answers = table.concat(answers)
if not string.find(answers, '1', 1, true) then return { 'forbidden' } end
begin_log(room)

local reason = ''
if epoch ~= '' then
  reason = gap_after(room, epoch, tonumber(offset), id)
  if not reason then
    local reply = recovered_reply(room, tonumber(offset), tonumber(limit_bytes))
    table.insert(reply, 2, answers)
    return reply
  end
end
local reply =
  { 'snapshot', answers, room.epoch, whole(room.access), whole(room.next - 1), room.lastId, reason, '0' }
if add_messages(reply, room, '', '', '', tonumber(messages)) then reply[8] = '1' end
return reply
