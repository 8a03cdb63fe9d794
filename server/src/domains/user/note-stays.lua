--- @include ./record.lua
-- Notes stays of one user that began or ended. A note may come twice, after later ones, and the end of a stay before its
-- beginning: none of that changes what later notes have said.
-- KEYS  as record.lua, and  4 the stays that ended lately
-- ARGV  as record.lua, and  4 how long a stay that ended is remembered, in ms
--       5... for each stay: room, epoch of the room's presence, number of the stay, "1" when it ended, when that was in ms
-- Returns {"ok"}.
--
-- The rooms HASH holds "<stay> <ms> <epoch>" for each room that the user is in. Of the stays that ended lately, the ZSET has
-- "<stay> <epoch> <room>" by when that was noted; and the room by when its last one ended, for stays whose end nobody notes,
-- as they were lost with their epoch.

local ENDED = KEYS[4]
local record, now = read_record(), now_ms()

-- By how much a stay is later than the one on record for its room: 0 for that one itself, nil when there is none. Stays of one
-- epoch are numbered in order; which of two epochs is the later one, only the time tells.
local function lead_of(stay)
  local on_record = redis.call('HGET', ROOMS, stay.room)
  if not on_record then return nil end
  local number, at, epoch = string.match(on_record, '^(%d+) (%d+) (.*)$')
  if epoch == stay.epoch then return stay.number - number end
  -- One that goes on in a new epoch began when it began before; none ends in that moment.
  if stay.has_ended then return stay.at - at - 1 end
  return stay.at - at
end

local function last_end_in(room) return tonumber(redis.call('ZSCORE', ENDED, room) or 0) end

local function began(stay)
  if tonumber(stay.at) < last_end_in(stay.room) then return end
  local lead = lead_of(stay)
  if lead and lead < 0 then return end
  redis.call('HSET', ROOMS, stay.room, stay.number .. ' ' .. stay.at .. ' ' .. stay.epoch)
  if not lead then tell(record, 'entered', stay.room) end
end

local function ended(stay, name)
  redis.call('ZADD', ENDED, whole(now), name, whole(math.max(stay.at, last_end_in(stay.room))), stay.room)
  record.seen_at = math.max(record.seen_at or 0, tonumber(stay.at))
  local lead = lead_of(stay)
  if not lead or lead < 0 then return end
  redis.call('HDEL', ROOMS, stay.room)
  tell(record, 'left', stay.room)
end

for at = 5, #ARGV, 5 do
  local stay = {
    room = ARGV[at], epoch = ARGV[at + 1], number = ARGV[at + 2], has_ended = ARGV[at + 3] == '1', at = ARGV[at + 4],
  }
  local name = stay.number .. ' ' .. stay.epoch .. ' ' .. stay.room
  -- What has ended neither begins nor ends again.
  if not redis.call('ZSCORE', ENDED, name) then
    if stay.has_ended then ended(stay, name) else began(stay) end
  end
end
redis.call('ZREMRANGEBYSCORE', ENDED, '-inf', '(' .. whole(now - tonumber(ARGV[4])))
redis.call('PEXPIRE', ENDED, ARGV[4])
keep_record(record)
return { 'ok' }
