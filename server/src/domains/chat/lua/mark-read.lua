--- @include ./room.lua
--- @include ../../../redis/lua/idempotency.lua
--- @keys readMarks
--- @args offset
--- @reply ok: offset
--- @reply no_message:
-- Moves the caller's read mark to an offset, but never back. Replies `no_message` when the offset is after
-- the end of the log.

local known = first_reply()
if known then return known end

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
local read_to = tonumber(offset)
if read_to > 0 and (not room.isConsistent or read_to >= room.next) then return { 'no_message' } end
local mark = tonumber(redis.call('HGET', READ_MARKS_KEY, caller) or 0)
if read_to > mark then
  mark = read_to
  redis.call('HSET', READ_MARKS_KEY, caller, whole(mark))
end
return keep_reply({ 'ok', whole(mark) })
