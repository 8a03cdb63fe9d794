--- @include ./log.lua
-- How many messages by others lie behind the caller's read mark.
-- KEYS  as room.lua
-- ARGV  as room.lua
-- Returns {"ok", how many, the read mark}, or {"forbidden"}.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
if not room.isWhole then return { 'ok', '0', '0' } end
local mark = tonumber(redis.call('HGET', READ_MARKS, CALLER) or 0)

local FAR = 9999999999999999
local function behind_mark(place_in)
  return redis.call('ZLEXCOUNT', INDEX, '(' .. place_in(mark), '[' .. place_in(FAR))
end
local function own(offset) return own_place_of(CALLER, offset) end
return { 'ok', whole(behind_mark(place_of) - behind_mark(deleted_place_of) - behind_mark(own)), whole(mark) }
