--- @include ./log.lua
--- @reply ok: unread read
-- Counts the messages by others after the caller's read mark.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
if not room.isConsistent then return { 'ok', '0', '0' } end
local mark = tonumber(redis.call('HGET', READ_MARKS_KEY, caller) or 0)

local FAR = 9999999999999999
local function count_after_mark(place_in)
  return redis.call('ZLEXCOUNT', INDEX_KEY, '(' .. place_in(mark), '[' .. place_in(FAR))
end
local function own(offset) return own_place_of(caller, offset) end
local unread = count_after_mark(place_of) - count_after_mark(deleted_place_of) - count_after_mark(own)
return { 'ok', whole(unread), whole(mark) }
