--- @include ../../../redis/lua/clock.lua
-- A user's record while a script works on it, and what every script that writes to it takes. A script says only what
-- it takes beyond that.
-- KEYS  1 meta  2 rooms  3 topic
-- ARGV  1 PUBLISH or SPUBLISH  2 epoch of a new record  3 how long a record is kept of whom nothing is noted any more, in ms
--
-- The meta HASH holds
--
--   epoch offset   one life of the user's channel, and how much was published in it
--   seenAt         when the user was last in a room, in ms; written when a stay ends

local META, ROOMS, TOPIC = KEYS[1], KEYS[2], KEYS[3]
local PUBLISH, RECORD_TTL = ARGV[1], ARGV[3]

local function whole(number) return string.format('%.0f', number) end

local function read_record()
  local fields = redis.call('HMGET', META, 'epoch', 'offset', 'seenAt')
  return {
    epoch = fields[1] or ARGV[2],
    offset = tonumber(fields[2] or 0),
    seen_at = tonumber(fields[3]),
  }
end

-- Publishes what comes next on the user's channel. Returns its offset.
local function tell(record, kind, content)
  record.offset = record.offset + 1
  redis.call(PUBLISH, TOPIC, record.epoch .. ' ' .. whole(record.offset) .. ' ' .. kind .. ' ' .. content)
  return record.offset
end

-- Writes the record. It does not expire as long as the user is in a room.
local function keep_record(record)
  redis.call('HSET', META, 'epoch', record.epoch, 'offset', whole(record.offset))
  if record.seen_at then redis.call('HSET', META, 'seenAt', whole(record.seen_at)) end
  if redis.call('EXISTS', ROOMS) == 1 then
    redis.call('PERSIST', META)
  else
    redis.call('PEXPIRE', META, RECORD_TTL)
  end
end
