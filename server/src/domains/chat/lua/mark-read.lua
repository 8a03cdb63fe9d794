--- @include ./log.lua
-- Moves a user's read mark forward.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 the offset read up to
-- Returns {"ok", where the mark now is}, or {"forbidden"}, {"no_message"} for an offset that the log has not reached.

local known = first_answer(KEPT, FINGERPRINT)
if known then return known end

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local offset = tonumber(ARGV[8])
if offset > 0 and (not room.isWhole or offset >= room.next) then return { 'no_message' } end
local mark = tonumber(redis.call('HGET', READ_MARKS, CALLER) or 0)
if offset > mark then
  mark = offset
  redis.call('HSET', READ_MARKS, CALLER, whole(mark))
end
return answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok', whole(mark) })
