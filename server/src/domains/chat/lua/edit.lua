--- @include ./message.lua
-- Changes what a message says: in place, and as an item of its own.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 id of the item  9 offset of the message  10 text
--       11 metadata JSON, "null" for none, "" for as it is  12 how often a message can be edited
-- Returns {"ok", the message's item}, or {"forbidden"}, {"muted", until}, {"no_message"}, {"not_author"}, {"edits"}.
-- A repeat is answered with the message as it now is: a kept text would outlive a deletion.

local known = first_answer(KEPT, FINGERPRINT)
if known and known[1] ~= 'ok' then return known end

local room = read_room()
local now = room_time(room)
local role, refusal = writer_role(room, now)
if not role then return refusal end

local offset = tonumber(ARGV[9])
if known then
  local message = item_at(room, offset)
  if not message then return { 'no_message' } end
  return { 'ok', cjson.encode(message) }
end

local message = message_at(room, offset)
if not message then return { 'no_message' } end
if not may_change(role, message) then return { 'not_author' } end

-- A deletion goes through all of them.
local edits = tonumber(message[13] or 0) + 1
if edits > tonumber(ARGV[12]) then return { 'edits' } end
message[13] = whole(edits)
message[5] = ARGV[10]
if ARGV[11] ~= '' then message[6] = ARGV[11] == 'null' and '' or ARGV[11] end
message[9] = whole(now)
local edit = { 'e', ARGV[8], ARGV[9], message[5], message[6], message[9], message[10] }
message[10] = whole(room.next)
replace(room, offset, message)
append(room, now, edit)
answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok' })
return { 'ok', cjson.encode(message) }
