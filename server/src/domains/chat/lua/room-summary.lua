--- @include ./counts.lua
--- @reply ok: unread read role offset message
-- Reads what a list of rooms needs about this room: the caller's unread count, read mark and role, and the
-- last message with its offset. In a room without messages, `offset` and `message` are "". If Redis has lost
-- the last message, only `message` is "".

local room = read_room()
local role = role_of_caller(room, now_ms())
if not role then return { 'forbidden' } end
if not room.isConsistent then return { 'ok', '0', '0', role, '', '' } end
local first, last = '[' .. name_of('', 0), '[' .. name_of('', LAST_OFFSET)
local found = redis.call('ZREVRANGEBYLEX', INDEX_KEY, last, first, 'LIMIT', 0, 1)
local mark = read_mark()
local reply = { 'ok', whole(count_unread('', mark)), whole(mark), role, '', '' }
if found[1] then
  local offset = tonumber(string.sub(found[1], 2))
  reply[5], reply[6] = whole(offset), encoded_at(room, offset) or ''
end
return reply
