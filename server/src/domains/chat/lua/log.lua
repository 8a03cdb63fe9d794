--- @include ./room.lua
-- Appending to a room's log.
--
-- An item is a JSON array of strings, so that no number loses a digit and no empty list becomes an object:
--   message   {"m", id, user, sentAt, text, metadata, replyTo, profile, editedAt, lastEdit, deleted, reactions, edits}
--             reactions: "" or a list of {emoji, count, user, user, ...}; lastEdit: the offset of its latest edit;
--             edits: how many there were, left out when none
--   edit      {"e", id, message, text, metadata, editedAt, offset of the edit before}
--   deletion  {"d", id, message, user, deletedAt}
--   reaction  {"r", id, message, emoji, user, "1" when added, count}
-- `message` is the offset of the message that it is about. What is absent is "".

-- The index counts messages by ranges of offsets. Its scores are equal, so it is ordered by these names: all messages,
-- those of one user that are not deleted, and the deleted ones.
local function place_of(offset) return '\n' .. string.format('%016.0f', offset) end
local function own_place_of(user, offset) return ':' .. user .. place_of(offset) end
local function deleted_place_of(offset) return '\n' .. place_of(offset) end

-- A little longer than the log has to live, so that not every append has to move the end.
local SLACK_MS = 60000

local function keep_alive(room, now, ttl_ms)
  ttl_ms = ttl_ms or room.retentionMs
  local expires_at = now + ttl_ms
  if room.expiresAt and room.expiresAt >= expires_at and room.expiresAt <= expires_at + SLACK_MS then return end
  room.expiresAt = expires_at + SLACK_MS
  local ttl = whole(ttl_ms + SLACK_MS)
  for _, key in ipairs({ LOG, INDEX, REACTORS, READ_MARKS }) do redis.call('PEXPIRE', key, ttl) end
  if not room.createdAt then redis.call('PEXPIRE', META, ttl) end
  redis.call('HSET', META, 'expiresAt', whole(room.expiresAt))
end

-- How long a log is kept that nobody has written to.
local EMPTY_MS = 86400000

-- The keys of the log are there from its beginning, under a name that nothing else has, so that they get their ends
-- together and none is ever without.
local function hold_keys()
  redis.call('ZADD', INDEX, '0', '')
  redis.call('ZADD', REACTORS, '+inf', '')
  redis.call('HSET', READ_MARKS, '', '0')
end

-- Begins a log, in a new epoch, where there is none or what is there is not whole.
local function begin_log(room, now)
  if room.isWhole then return end
  redis.call('UNLINK', LOG, INDEX, REACTORS, READ_MARKS)
  hold_keys()
  room.epoch, room.head, room.next, room.lastId, room.headId = ARGV[6], 1, 1, '', ''
  room.isWhole, room.expiresAt = true, nil
  redis.call('HSET', META, 'epoch', room.epoch, 'head', '1', 'next', '1', 'lastId', '', 'headId', '')
  keep_alive(room, now, math.min(EMPTY_MS, room.retentionMs))
end

local function trim(room)
  local excess = room.next - room.head - room.logSize
  if excess <= 0 then return end
  local trimmed = redis.call('LRANGE', LOG, 0, excess - 1)
  for at, encoded in ipairs(trimmed) do
    local item = cjson.decode(encoded)
    room.headId = item[2]
    if item[1] == 'm' then
      local offset = room.head + at - 1
      redis.call('ZREM', INDEX, place_of(offset), own_place_of(item[3], offset), deleted_place_of(offset))
    end
  end
  redis.call('LTRIM', LOG, excess, -1)
  room.head = room.head + excess
  redis.call('ZREMRANGEBYSCORE', REACTORS, '-inf', '(' .. whole(room.head))
  redis.call('HSET', META, 'head', whole(room.head), 'headId', room.headId)
end

-- Redis's time, which does not go back within a room even if the clock does.
local function room_time(room)
  return math.max(now_ms(), room.lastAt or 0)
end

-- Appends an item, which tells everyone. Returns its offset.
local function append(room, now, item)
  local offset = room.next
  local encoded = cjson.encode(item)
  redis.call('RPUSH', LOG, encoded)
  room.next, room.lastId = offset + 1, item[2]
  redis.call('HSET', META, 'next', whole(room.next), 'lastId', room.lastId, 'lastAt', whole(now))
  if item[1] == 'm' then
    redis.call('ZADD', INDEX, '0', place_of(offset), '0', own_place_of(item[3], offset))
  end
  -- A list that was empty was no key, and had no end; and what was empty was kept for a shorter time, and may be gone.
  if offset == room.head then
    room.expiresAt = nil
    hold_keys()
  end
  trim(room)
  keep_alive(room, now)
  redis.call(PUBLISH, TOPIC, 'item ' .. room.epoch .. ' ' .. whole(offset) .. ' ' .. encoded)
  return offset
end

-- Puts an item back that was changed.
local function replace(room, offset, item)
  redis.call('LSET', LOG, offset - room.head, cjson.encode(item))
end
