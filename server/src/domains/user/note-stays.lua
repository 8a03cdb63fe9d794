--- @include ./record.lua
-- Notes stays of one user that began or ended. A note may come twice, after later ones, and the end of a stay before its
-- beginning: none of that changes what later notes have said.
-- KEYS  as record.lua, and  4 the stays that ended lately
-- ARGV  as record.lua, and  4 how long a stay that ended is remembered, in ms
--       5... for each stay: room, epoch of the room's presence, number of the stay, "1" when it ended, when that was in ms
-- Returns {"ok"}.
--
-- The rooms HASH holds "<stay> <ms> <epoch>" for each room that the user is in.

local ENDED = KEYS[4]
local record, now = read_record(), now_ms()

-- Whether a stay is the one that is on record for its room, or came after it. Stays of one epoch are numbered in order;
-- which of two epochs is the later one, only the time tells.
local function is_latest(stay)
  local on_record = redis.call('HGET', ROOMS, stay.room)
  if not on_record then return true, false end
  local number, at, epoch = string.match(on_record, '^(%d+) (%d+) (.*)$')
  if epoch == stay.epoch then return tonumber(stay.number) >= tonumber(number), true end
  return tonumber(stay.at) >= tonumber(at), true
end

local function began(stay)
  local is_later, was_there = is_latest(stay)
  if not is_later then return end
  redis.call('HSET', ROOMS, stay.room, stay.number .. ' ' .. stay.at .. ' ' .. stay.epoch)
  if not was_there then tell(record, 'entered', stay.room) end
end

local function ended(stay, name)
  redis.call('ZADD', ENDED, whole(now), name)
  record.seen_at = math.max(record.seen_at or 0, tonumber(stay.at))
  local is_later, was_there = is_latest(stay)
  if not (is_later and was_there) then return end
  redis.call('HDEL', ROOMS, stay.room)
  tell(record, 'left', stay.room)
end

for at = 5, #ARGV, 5 do
  local stay = { room = ARGV[at], epoch = ARGV[at + 1], number = ARGV[at + 2], at = ARGV[at + 4] }
  local name = stay.number .. ' ' .. stay.epoch .. ' ' .. stay.room
  -- What has ended neither begins nor ends again.
  if not redis.call('ZSCORE', ENDED, name) then
    if ARGV[at + 3] == '1' then ended(stay, name) else began(stay) end
  end
end
redis.call('ZREMRANGEBYSCORE', ENDED, '-inf', '(' .. whole(now - tonumber(ARGV[4])))
redis.call('PEXPIRE', ENDED, ARGV[4])
keep_record(record)
return { 'ok' }
