--- @include ./write.lua
--- @include ../../shared/lua/outbox.lua
--- @keys pace
--- @args id text metadata replyTo profile sendKey mayBegin
--- @reply ok: offset id sentAtMs began
--- @reply new_room:
--- @reply no_reply:
--- @reply slow: waitMs
-- Appends a message. `metadata` and `profile` are JSON, `replyTo` is an offset; absent values are "". The
-- reply is kept for a repeated call. It has no text, because the text of a deleted message must not remain.
-- The kept reply expires. So the HASH `sends` also maps `sendKey` to "<fingerprint of the input> <offset>",
-- for as long as the room keeps the message.
--   mayBegin  "0" when the caller may not create a room
--   began     "1" when the message is the first one of a room that was not configured
--   new_room  the message would create a room, which the caller may not do
--   no_reply  there is no message at the offset `replyTo`
--   slow      the room is in slow mode; the caller may send the next message after `waitMs`

local reply, room, now, role = begin_write()
if reply then return reply end

local known = send_key ~= '' and room.isConsistent and redis.call('HGET', SENDS_KEY, send_key)
if known then
  local known_fingerprint, offset = string.match(known, '^(%S+) (%d+)$')
  if known_fingerprint ~= fingerprint then return { 'idempotency' } end
  local message = item_at(room, tonumber(offset))
  if message then return { 'ok', offset, message[2], message[4], '0' } end
end

if reply_to ~= '' and not message_at(room, tonumber(reply_to)) then return { 'no_reply' } end

-- A room is new until it has been configured or has a message.
local is_new = not room.createdAt and not (room.isConsistent and room.messages > 0)
if is_new and may_begin == '0' then return { 'new_room' } end

if room.slowModeMs > 0 and (role == 'visitor' or role == 'member') then
  -- NX refuses the message while the caller's key exists. A key with a TTL above slowModeMs is not valid:
  -- slowModeMs was lowered, or Redis's clock was ahead when the key was set. XX then replaces the key.
  local condition = redis.call('PTTL', PACE_KEY) <= room.slowModeMs and 'NX' or 'XX'
  if not redis.call('SET', PACE_KEY, '1', condition, 'PX', whole(room.slowModeMs)) then
    return { 'slow', whole(redis.call('PTTL', PACE_KEY)) }
  end
end

begin_log(room)
local message =
  { 'm', id, caller, whole(now), text, metadata, reply_to, profile, '', '', '', '', '', send_key }
local offset = append(room, now, message)
queue_event('chat.message', now, whole(offset), caller, id)
if send_key ~= '' then redis.call('HSET', SENDS_KEY, send_key, fingerprint .. ' ' .. whole(offset)) end
keep_reply({ 'ok', whole(offset), id, whole(now), '0' })
return { 'ok', whole(offset), id, whole(now), is_new and '1' or '0' }
