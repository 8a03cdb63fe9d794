--- @include ./message.lua
-- Deletes a message: nothing of what it said stays, in its own item or in those of its edits.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 id of the item  9 offset of the message
-- Returns {"ok"}, or {"forbidden"}, {"muted", until}, {"no_message"}, {"not_author"}.

local reply_now, room, now, role = begin_write()
if reply_now then return reply_now end

local offset = tonumber(ARGV[9])
local message = message_at(room, offset)
if not message then return { 'no_message' } end
if not may_change(role, message) then return { 'not_author' } end

-- Edits lie behind their message, so all of them are still in the log.
local edit_at = tonumber(message[10])
while edit_at do
  local edit = item_at(room, edit_at)
  local before = tonumber(edit[7])
  edit[4], edit[5] = '', ''
  replace(room, edit_at, edit)
  edit_at = before
end
message[5], message[6], message[10], message[11], message[12] = '', '', '', '1', ''
replace(room, offset, message)
redis.call('ZREM', INDEX, own_place_of(message[3], offset))
redis.call('ZADD', INDEX, '0', deleted_place_of(offset))
redis.call('ZREMRANGEBYSCORE', REACTORS, ARGV[9], ARGV[9])
append(room, now, { 'd', ARGV[8], ARGV[9], CALLER, whole(now) })
return answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok' })
