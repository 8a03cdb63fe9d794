--- @include ./write.lua
--- @args id offset
--- @reply ok:
--- @reply no_message:
--- @reply not_author:
-- Deletes a message. Its text and metadata are removed from its own item and from those of its edits.

local reply, room, now, role = begin_write()
if reply then return reply end

local at = tonumber(offset)
local message = message_at(room, at)
if not message then return { 'no_message' } end
if not may_change(role, message) then return { 'not_author' } end

-- An edit has a higher offset than its message, so all edits are still in the log.
local edit_at = tonumber(message[10])
while edit_at do
  local edit = item_at(room, edit_at)
  local previous = tonumber(edit[7])
  edit[4], edit[5] = '', ''
  replace(room, edit_at, edit)
  edit_at = previous
end
message[5], message[6], message[10], message[11], message[12] = '', '', '', '1', ''
replace(room, at, message)
redis.call('ZREM', INDEX_KEY, own_place_of(message[3], at))
redis.call('ZADD', INDEX_KEY, '0', deleted_place_of(at))
redis.call('ZREMRANGEBYSCORE', REACTORS_KEY, offset, offset)
append(room, now, { 'd', id, offset, caller, whole(now) })
return keep_reply({ 'ok' })
