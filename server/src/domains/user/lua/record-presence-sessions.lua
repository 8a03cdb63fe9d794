--- @include ./user-record.lua
--- @include ../../shared/lua/outbox.lua
--- @keys ended
--- @args endedTtlMs endedLimit
--- @args changes[]: room epoch joinOffset hasEnded atMs
--- @reply ok:
-- Records the beginnings and ends of one user's presence sessions. A change may arrive twice, or after later
-- changes, and an end may arrive before its beginning. The change with the later time wins. A
-- recorded beginning in the future loses: it was written while Redis's clock was ahead.
-- The HASH `rooms` has "<join offset> <time in ms> <epoch>" for each room
-- that the user is in. The ZSET `ended` has "<join offset> <epoch> <room>"
-- by the time of the end in ms, for presence sessions that ended recently.

local record, now = read_record(), now_ms()
local was_online = redis.call('EXISTS', ROOMS_KEY) == 1

local function name_of(change) return change.join_offset .. ' ' .. change.epoch .. ' ' .. change.room end

-- Whether the presence session of a change is known to have ended at or after the time of the change. A name
-- in `ended` alone does not show this: if Redis has lost its last writes, a later presence session can get
-- the same join offset, and so the same name. The time of the end tells the two apart.
local function is_outdated_change(change)
  local ended_at = redis.call('ZSCORE', ENDED_KEY, name_of(change))
  return ended_at and tonumber(change.at_ms) <= tonumber(ended_at)
end

-- Returns whether the user is recorded in the room, and whether the recorded presence session is later than
-- that of the change. The times decide, or the join offsets if the times are the same.
local function recorded(change)
  local value = redis.call('HGET', ROOMS_KEY, change.room)
  if not value then return false, false end
  local join_offset, at_ms, epoch = string.match(value, '^(%d+) (%d+) (.*)$')
  if at_ms ~= change.at_ms then
    local is_wrong = tonumber(at_ms) > now + CLOCK_TOLERANCE_MS
    return true, not is_wrong and tonumber(at_ms) > tonumber(change.at_ms)
  end
  if epoch == change.epoch then return true, tonumber(join_offset) > tonumber(change.join_offset) end
  -- The times are the same, but the epochs differ: in this millisecond Redis lost the room's data, and a node
  -- announced the user again in a new epoch.
  --   - A change that is a beginning is from the new epoch. It replaces the recorded presence session.
  --   - A change that is an end is from the old epoch. The recorded presence session is later, so the end is
  --     ignored.
  return true, change.has_ended == '1'
end

local function begin(change)
  local is_recorded, is_later = recorded(change)
  if is_later then return end
  redis.call(
    'HSET',
    ROOMS_KEY,
    change.room,
    change.join_offset .. ' ' .. change.at_ms .. ' ' .. change.epoch
  )
  if not is_recorded then publish(record, 'entered', change.room) end
end

local function finish(change)
  redis.call('ZADD', ENDED_KEY, change.at_ms, name_of(change))
  local at_ms, seen_at = tonumber(change.at_ms), record.seen_at or 0
  record.seen_at = seen_at > now + SEEN_TOLERANCE_MS and at_ms or math.max(seen_at, at_ms)
  local is_recorded, is_later = recorded(change)
  if not is_recorded or is_later then return end
  redis.call('HDEL', ROOMS_KEY, change.room)
  publish(record, 'left', change.room)
end

for number = 1, changes_count do
  local change = changes_at(number)
  if not is_outdated_change(change) then
    if change.has_ended == '1' then
      finish(change)
    else
      begin(change)
    end
  end
end
redis.call('ZREMRANGEBYSCORE', ENDED_KEY, '-inf', '(' .. whole(now - tonumber(ended_ttl_ms)))
redis.call('ZREMRANGEBYRANK', ENDED_KEY, 0, -tonumber(ended_limit) - 1)
redis.call('PEXPIRE', ENDED_KEY, ended_ttl_ms)
write_record(record)
local is_online = redis.call('EXISTS', ROOMS_KEY) == 1
if is_online ~= was_online then queue_event(is_online and 'user.online' or 'user.offline', now) end
return { 'ok' }
