--- @include ./write.lua
--- @include ./change-limit.lua
--- @args id offset
--- @reply ok:
--- @reply no_message:
--- @reply not_author:
-- Deletes a message: removes text, metadata and reactions from its item, and appends a deletion to the log.
-- No copy of the text or the metadata remains: edits in the log have neither as long as the room keeps the
-- message (log.lua).

local reply, room, now, role = begin_write()
if reply then return reply end

local at = tonumber(offset)
local message = message_at(room, at)
if not message then return { 'no_message' } end
if not may_change(role, message) then return { 'not_author' } end
local refusal = refuse_change(role)
if refusal then return refusal end

message[5], message[6], message[10], message[11], message[12] = '', '', '', '1', ''
replace(room, at, message)
for _, prefix in ipairs(prefixes_of(message)) do
  redis.call('ZREM', INDEX_KEY, own_name_of(prefix, message[3], at))
  redis.call('ZADD', INDEX_KEY, '0', deleted_name_of(prefix, at))
end
redis.call('ZREMRANGEBYSCORE', REACTORS_KEY, offset, offset)
append(room, now, { 'd', id, offset, caller, whole(now) })
return keep_reply({ 'ok' })
