--- @include ../../../redis/lua/clock.lua
--- @keys meta rooms topic
--- @args publishCommand newEpoch recordTtlMs
-- Functions for all scripts that write a user's record. The HASH `meta` has `epoch` and `offset` of the
-- user's channel, and `seenAt`: the time in ms at which the user's last presence session ended. The HASH
-- `rooms` has a field for each room that the user is in, with a time in ms at which the user was there
-- (record-presence-sessions.lua).

local function whole(number) return string.format('%.0f', number) end

-- By how many ms a recorded time may lie in the future. A time that lies further in the future is wrong: it
-- was written while Redis's clock was ahead. SEEN_TOLERANCE_MS is for `seenAt`. CLOCK_TOLERANCE_MS is for the
-- times in `rooms`.
local CLOCK_TOLERANCE_MS, SEEN_TOLERANCE_MS = 1000, 60000

local function read_record()
  local fields = redis.call('HMGET', META_KEY, 'epoch', 'offset', 'seenAt')
  return {
    epoch = fields[1] or new_epoch,
    offset = tonumber(fields[2] or 0),
    seen_at = tonumber(fields[3]),
  }
end

-- Publishes on the user's channel.
local function publish(record, kind, content)
  record.offset = record.offset + 1
  local message = { record.epoch, whole(record.offset), kind, content }
  redis.call(publish_command, TOPIC_KEY, table.concat(message, ' '))
end

-- Writes the record. It does not expire while the user is in a room.
local function write_record(record)
  redis.call('HSET', META_KEY, 'epoch', record.epoch, 'offset', whole(record.offset))
  if record.seen_at then redis.call('HSET', META_KEY, 'seenAt', whole(record.seen_at)) end
  if redis.call('EXISTS', ROOMS_KEY) == 1 then
    redis.call('PERSIST', META_KEY)
  else
    redis.call('PEXPIRE', META_KEY, record_ttl_ms)
  end
end
