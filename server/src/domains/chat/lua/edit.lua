--- @include ./write.lua
--- @include ./change-limit.lua
--- @args id offset text metadata editLimit
--- @reply ok: message
--- @reply no_message:
--- @reply not_author:
--- @reply edits:
-- Edits a message: replaces text and metadata in its item, and appends an edit to the log. `metadata` is
-- JSON, "null" to clear it, or "" to leave it as it is. The reply `message` is the message's item after the
-- edit. A repeated call (same idempotency key) gets the message as it is at the time of the repeat. The kept
-- first reply has no text, because a kept text would outlive a deletion of the message.
-- Refusals:
--   edits  the message was already edited `editLimit` times

local known = first_reply()
if known and known[1] ~= 'ok' then return known end

local room, clock = read_room(), now_ms()
local now = room_time(room, clock)
local role, refusal = writer_role(room, clock)
if not role then return refusal end

local at = tonumber(offset)
if known then
  local message = item_at(room, at)
  if not message then return { 'no_message' } end
  return { 'ok', cjson.encode(message) }
end

local message = message_at(room, at)
if not message then return { 'no_message' } end
if not may_change(role, message) then return { 'not_author' } end
local edits = (tonumber(message[13]) or 0) + 1
if edits > tonumber(edit_limit) then return { 'edits' } end
refusal = refuse_change(role)
if refusal then return refusal end

message[13] = whole(edits)
message[5] = text
if metadata ~= '' then message[6] = metadata == 'null' and '' or metadata end
message[9] = whole(now)
message[10] = whole(room.next)
replace(room, at, message)
local edit = { 'e', id, offset, message[5], message[6], message[9] }
append(room, now, edit, { 'e', id, offset, '', '', message[9] })
keep_reply({ 'ok' })
return { 'ok', cjson.encode(message) }
