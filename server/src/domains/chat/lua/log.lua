--- @include ./room.lua
--- @keys index reactors readMarks topic
--- @args publishCommand newEpoch
-- Appending to a room's log.
--
-- An item is a JSON array of strings, so that no number loses a digit and no empty list becomes an object:
--   message   {"m", id, user, sentAt, text, metadata, replyTo, profile, editedAt, lastEdit, deleted,
--             reactions, edits}
--             reactions: "" or a list of {emoji, count, user, user, ...}
--             lastEdit: offset of the latest edit; edits: number of edits, left out when none
--   edit      {"e", id, message, text, metadata, editedAt, offset of the previous edit}
--   deletion  {"d", id, message, user, deletedAt}
--   reaction  {"r", id, message, emoji, user, "1" when added, count}
-- `message` is the offset of the message that the item changes. An absent value is "".

-- Members of the index. Their scores are equal, so they are ordered by name and counted by ranges of offsets:
-- all messages, the messages of one user that are not deleted, and the deleted messages.
local function place_of(offset) return '\n' .. string.format('%016.0f', offset) end
local function own_place_of(user, offset) return ':' .. user .. place_of(offset) end
local function deleted_place_of(offset) return '\n' .. place_of(offset) end

-- The TTL is longer than the retention by up to this much, so that most appends need not renew it.
local SLACK_MS = 60000

local function keep_alive(room, now, ttl_ms)
  ttl_ms = ttl_ms or room.retentionMs
  local expires_at = now + ttl_ms
  if room.expiresAt and room.expiresAt >= expires_at and room.expiresAt <= expires_at + SLACK_MS then
    return
  end
  room.expiresAt = expires_at + SLACK_MS
  local ttl = whole(ttl_ms + SLACK_MS)
  for _, key in ipairs({ LOG_KEY, INDEX_KEY, REACTORS_KEY, READ_MARKS_KEY }) do
    redis.call('PEXPIRE', key, ttl)
  end
  if not room.createdAt then redis.call('PEXPIRE', META_KEY, ttl) end
  redis.call('HSET', META_KEY, 'expiresAt', whole(room.expiresAt))
end

-- How long an empty log is kept.
local EMPTY_MS = 86400000

-- Gives each key of the log an entry that no item uses. A key that exists from the beginning gets its TTL
-- together with the others.
local function hold_keys()
  redis.call('ZADD', INDEX_KEY, '0', '')
  redis.call('ZADD', REACTORS_KEY, '+inf', '')
  redis.call('HSET', READ_MARKS_KEY, '', '0')
end

-- Begins a log in a new epoch, unless there is a consistent one.
local function begin_log(room, now)
  if room.isConsistent then return end
  redis.call('UNLINK', LOG_KEY, INDEX_KEY, REACTORS_KEY, READ_MARKS_KEY)
  hold_keys()
  room.epoch, room.head, room.next, room.lastId, room.headId = new_epoch, 1, 1, '', ''
  room.isConsistent, room.expiresAt = true, nil
  redis.call('HSET', META_KEY, 'epoch', room.epoch, 'head', '1', 'next', '1', 'lastId', '', 'headId', '')
  keep_alive(room, now, math.min(EMPTY_MS, room.retentionMs))
end

local function trim(room)
  local excess = room.next - room.head - room.logSize
  if excess <= 0 then return end
  local trimmed = redis.call('LRANGE', LOG_KEY, 0, excess - 1)
  for at, encoded in ipairs(trimmed) do
    local item = cjson.decode(encoded)
    room.headId = item[2]
    if item[1] == 'm' then
      local offset = room.head + at - 1
      redis.call(
        'ZREM',
        INDEX_KEY,
        place_of(offset),
        own_place_of(item[3], offset),
        deleted_place_of(offset)
      )
    end
  end
  redis.call('LTRIM', LOG_KEY, excess, -1)
  room.head = room.head + excess
  redis.call('ZREMRANGEBYSCORE', REACTORS_KEY, '-inf', '(' .. whole(room.head))
  redis.call('HSET', META_KEY, 'head', whole(room.head), 'headId', room.headId)
end

-- Redis's time. It does not go back within a room, even if the clock does.
local function room_time(room) return math.max(now_ms(), room.lastAt or 0) end

-- Appends an item and publishes it. Returns its offset.
local function append(room, now, item)
  local offset = room.next
  local encoded = cjson.encode(item)
  redis.call('RPUSH', LOG_KEY, encoded)
  room.next, room.lastId = offset + 1, item[2]
  redis.call('HSET', META_KEY, 'next', whole(room.next), 'lastId', room.lastId, 'lastAt', whole(now))
  if item[1] == 'm' then
    redis.call('ZADD', INDEX_KEY, '0', place_of(offset), '0', own_place_of(item[3], offset))
  end
  -- An empty LIST does not exist in Redis and has no TTL; set the expiry again on the first append.
  if offset == room.head then
    room.expiresAt = nil
    hold_keys()
  end
  trim(room)
  keep_alive(room, now)
  redis.call(publish_command, TOPIC_KEY, 'item ' .. room.epoch .. ' ' .. whole(offset) .. ' ' .. encoded)
  return offset
end

-- Replaces an item of the log.
local function replace(room, offset, item)
  redis.call('LSET', LOG_KEY, offset - room.head, cjson.encode(item))
end
