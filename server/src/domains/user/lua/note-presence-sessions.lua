--- @include ./record.lua
-- Notes stays of one user that began or ended. A note may come twice, after later ones, and the end of a stay before its
-- beginning: none of that changes what later notes have said.
-- KEYS  as record.lua, and  4 the stays that ended lately
-- ARGV  as record.lua, and  4 how long a stay that ended is remembered, in ms
--       5... for each stay: room, epoch of the room's presence, number of the stay, "1" when it ended, when that was in ms
-- Returns {"ok"}.
--
-- The rooms HASH holds "<stay> <ms> <epoch>" for each room that the user is in; the ZSET of stays that ended has
-- "<stay> <epoch> <room>" by when they did.

local ENDED = KEYS[4]
local record, now = read_record(), now_ms()

local function name_of(stay) return stay.number .. ' ' .. stay.epoch .. ' ' .. stay.room end

-- Whether a stay ended before what a note says of it. The number may belong to a later stay: a Redis that lost its end counts
-- on from where it is.
local function is_over(stay)
  local ended_at = redis.call('ZSCORE', ENDED, name_of(stay))
  return ended_at and tonumber(stay.at) <= tonumber(ended_at)
end

-- Whether there is a stay on record in the room, and whether that is a later one. Of two, the time tells; of what comes in the
-- same moment, the numbers.
local function on_record(stay)
  local noted = redis.call('HGET', ROOMS, stay.room)
  if not noted then return false, false end
  local number, at, epoch = string.match(noted, '^(%d+) (%d+) (.*)$')
  if at ~= stay.at then return true, tonumber(at) > tonumber(stay.at) end
  if epoch == stay.epoch then return true, tonumber(number) > tonumber(stay.number) end
  -- A stay that goes on in a new epoch may be said to begin when it began in the old one; none ends in that moment.
  return true, stay.has_ended
end

local function began(stay)
  local is_there, is_later = on_record(stay)
  if is_later then return end
  redis.call('HSET', ROOMS, stay.room, stay.number .. ' ' .. stay.at .. ' ' .. stay.epoch)
  if not is_there then tell(record, 'entered', stay.room) end
end

local function ended(stay)
  redis.call('ZADD', ENDED, stay.at, name_of(stay))
  record.seen_at = math.max(record.seen_at or 0, tonumber(stay.at))
  local is_there, is_later = on_record(stay)
  if not is_there or is_later then return end
  redis.call('HDEL', ROOMS, stay.room)
  tell(record, 'left', stay.room)
end

for at = 5, #ARGV, 5 do
  local stay = {
    room = ARGV[at], epoch = ARGV[at + 1], number = ARGV[at + 2], has_ended = ARGV[at + 3] == '1', at = ARGV[at + 4],
  }
  if not is_over(stay) then
    if stay.has_ended then ended(stay) else began(stay) end
  end
end
redis.call('ZREMRANGEBYSCORE', ENDED, '-inf', '(' .. whole(now - tonumber(ARGV[4])))
redis.call('PEXPIRE', ENDED, ARGV[4])
keep_record(record)
return { 'ok' }
