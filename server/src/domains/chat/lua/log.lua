--- @include ./room.lua
--- @keys index reactors readMarks sends changed reacted topic activity
--- @args publishCommand newEpoch
-- Appends to a room's log and trims it.
--
-- The LIST `log` has the last items of any kind, without a gap, for clients that resume. The setting
-- `logSize` limits how many messages the room keeps. Many changes after a message can push the message's item
-- out of the log while the room still keeps the message. Such a message is an older message: its item moves
-- to the HASH `older`.
--
-- An item is a JSON array of strings. Numbers are strings, because Lua would round large ones. A missing list
-- is "", because Lua would encode an empty list as an object:
--   message   {"m", id, user, sentAt, text, metadata, replyTo, profile, editedAt, lastEdit, deleted,
--             reactions, edits, sendKey}
--             reactions: "" or a list of {emoji, count, user, user, ...}
--             lastEdit: offset of the latest edit; edits: number of edits
--             sendKey: the name of the message's field in the HASH `sends` (send.lua). It comes from the
--             idempotency key of the send
--   edit      {"e", id, message, text, metadata, editedAt, author}
--             In the log, text and metadata are "" as long as the room keeps the message: readers take them
--             from the message's item (log-range.lua). When the room removes the message, forget() sets
--             text, metadata and author in the message's latest edit. erase-user.lua finds such edits by
--             the author.
--   deletion  {"d", id, message, user, deletedAt}
--   reaction  {"r", id, message, emoji, user, "1" when added, count}
-- `message` is the offset of the message that the item changes. An absent value is "".

-- The ZSET `index` finds and counts messages by ranges of offsets. All scores are 0, so Redis orders the
-- members by name. Each message has two members, called its names. A name ends with the message's offset.
-- Names that are equal before the offset form one range, in the order of the offsets:
--   1. `name_of` puts a message into the range of all messages.
--   2. `own_name_of` puts it into the range of its user's messages. When the message is deleted,
--      `deleted_name_of` replaces this name: it puts the message into the range of deleted messages.
-- A reply has two more such names, with the prefix of its thread.
local function digits(offset) return '\n' .. string.format('%016.0f', offset) end
local function name_of(prefix, offset) return prefix .. digits(offset) end
local function own_name_of(prefix, user, offset) return prefix .. ':' .. user .. digits(offset) end
local function deleted_name_of(prefix, offset) return prefix .. '\n' .. digits(offset) end
local function thread_prefix(offset) return '\t' .. string.format('%016.0f', offset) end
local LAST_OFFSET = 9999999999999999

-- Returns the prefixes of a message's names in the index: "", and for a reply also the prefix of its thread.
local function prefixes_of(message)
  if message[7] == '' then return { '' } end
  return { '', thread_prefix(tonumber(message[7])) }
end

-- Returns all names of a message in the index.
local function names_of(message, offset)
  local names = {}
  for _, prefix in ipairs(prefixes_of(message)) do
    names[#names + 1] = name_of(prefix, offset)
    names[#names + 1] = message[11] == '' and own_name_of(prefix, message[3], offset)
      or deleted_name_of(prefix, offset)
  end
  return names
end

-- The keys that expire with the log.
local function log_keys()
  return LOG_KEY, OLDER_KEY, INDEX_KEY, REACTORS_KEY, READ_MARKS_KEY, SENDS_KEY, CHANGED_KEY, REACTED_KEY
end

-- The TTL of the log's keys exceeds the retention by up to this much, so most appends need not renew the TTL.
local SLACK_MS = 60000

-- Sets the TTL of the log's keys, unless the current TTL is long enough and at most SLACK_MS too long.
local function keep_alive(room, now)
  local expires_at = now + room.retentionMs
  if room.expiresAt and room.expiresAt >= expires_at and room.expiresAt <= expires_at + SLACK_MS then
    return
  end
  room.expiresAt = expires_at + SLACK_MS
  local ttl = whole(room.retentionMs + SLACK_MS)
  for _, key in ipairs({ log_keys() }) do
    redis.call('PEXPIRE', key, ttl)
  end
  if not room.createdAt then redis.call('PEXPIRE', META_KEY, ttl) end
  redis.call('HSET', META_KEY, 'expiresAt', whole(room.expiresAt))
end

-- Writes the offsets and ids of the log's ends, the time of the last item, and the number of messages to
-- `meta`.
local function write_ends(room)
  redis.call(
    'HSET',
    META_KEY,
    'head',
    whole(room.head),
    'next',
    whole(room.next),
    'lastId',
    room.lastId,
    'headId',
    room.headId,
    'lastAt',
    whole(room.lastAt or 0),
    'messages',
    whole(room.messages)
  )
end

-- Begins a log in a new epoch, unless the room has a log that lost nothing (`isConsistent`). This writes only
-- to `meta`; the other keys exist from the first item on.
local function begin_log(room)
  if room.isConsistent then return end
  redis.call('UNLINK', log_keys())
  room.epoch, room.head, room.next, room.lastId, room.headId = new_epoch, 1, 1, '', ''
  room.isConsistent, room.messages, room.expiresAt, room.reactedTo = true, 0, nil, 0
  redis.call('HSET', META_KEY, 'epoch', room.epoch, 'reactedTo', '0')
  write_ends(room)
  redis.call('HDEL', META_KEY, 'expiresAt')
  if not room.createdAt then redis.call('PEXPIRE', META_KEY, EMPTY_MS) end
end

-- Replaces the item at an offset, in the log or among the older messages.
local function replace(room, offset, item)
  if offset < room.head then
    redis.call('HSET', OLDER_KEY, whole(offset), cjson.encode(item))
  else
    redis.call('LSET', LOG_KEY, offset - room.head, cjson.encode(item))
  end
end

-- Called when the room removes a message. Removes the message's data; the caller removes the message's item.
-- If the log still has the message's latest edit, the edit gets the message's content, for clients that have
-- received the message but not yet the edit.
local function forget(room, offset, message)
  redis.call('ZREM', INDEX_KEY, unpack(names_of(message, offset)))
  if message[14] and message[14] ~= '' then redis.call('HDEL', SENDS_KEY, message[14]) end
  if offset <= room.reactedTo then
    redis.call('ZREMRANGEBYSCORE', REACTORS_KEY, '-inf', whole(offset))
    redis.call('ZREMRANGEBYSCORE', REACTED_KEY, '-inf', '(' .. whole(offset + 1))
  end
  local edit_at = tonumber(message[10])
  if edit_at and edit_at >= room.head then
    local edit = item_at(room, edit_at)
    edit[4], edit[5], edit[6], edit[7] = message[5], message[6], message[9], message[3]
    replace(room, edit_at, edit)
  end
end

-- The log has at most `logSize` + CHANGES_IN_LOG items.
local CHANGES_IN_LOG = 2000

-- If the room has more than `logSize` messages, removes the oldest messages, and each item of the log that is
-- not newer than those messages.
local function trim_messages(room)
  local excess = room.messages - room.logSize
  if excess <= 0 then return end
  local messages = room.messages
  room.messages = room.logSize

  -- trim_log() moves messages to `older` only from a log with at least CHANGES_IN_LOG changes. With fewer
  -- changes, no message has moved, so the oldest messages are the first messages in the log.
  if room.next - room.head - messages < CHANGES_IN_LOG then
    while excess > 0 do
      local offset, item = room.head, cjson.decode(redis.call('LPOP', LOG_KEY))
      room.head, room.headId = offset + 1, item[2]
      if item[1] == 'm' then
        excess = excess - 1
        forget(room, offset, item)
      end
    end
    return
  end

  local first, last = '[' .. name_of('', 0), '[' .. name_of('', LAST_OFFSET)
  local offset, message
  for _, place in ipairs(redis.call('ZRANGEBYLEX', INDEX_KEY, first, last, 'LIMIT', 0, excess)) do
    offset = tonumber(string.sub(place, 2))
    message = item_at(room, offset)
    redis.call('ZREM', INDEX_KEY, place)
    -- There is no item if Redis has lost the key `older`.
    if message then forget(room, offset, message) end
    if offset < room.head then redis.call('HDEL', OLDER_KEY, whole(offset)) end
  end
  if offset >= room.head then
    redis.call('LTRIM', LOG_KEY, offset - room.head + 1, -1)
    room.head, room.headId = offset + 1, message[2]
  end
end

-- Removes the oldest items if the log has more than `logSize` + CHANGES_IN_LOG. Messages among them become
-- older messages.
local function trim_log(room)
  local excess = room.next - room.head - room.logSize - CHANGES_IN_LOG
  if excess <= 0 then return end
  for at, encoded in ipairs(redis.call('LRANGE', LOG_KEY, 0, excess - 1)) do
    local item = cjson.decode(encoded)
    room.headId = item[2]
    if item[1] == 'm' then
      redis.call('HSET', OLDER_KEY, whole(room.head + at - 1), encoded)
      -- Makes keep_alive() set the TTL of all keys, because `older` may be new and have none.
      room.expiresAt = nil
    end
  end
  redis.call('LTRIM', LOG_KEY, excess, -1)
  room.head = room.head + excess
end

-- If the time of the last item is further ahead of Redis's clock than this, the clock was wrong when the item
-- was added.
local CLOCK_ERROR_MS = 3600000

-- Returns the time for new items of a room when Redis's clock shows `clock`. Times in a room never decrease:
-- if the clock is set back, new items get the time of the last item. But if the last item is more than
-- CLOCK_ERROR_MS ahead, returns `clock`, and all messages with a later time get the time `clock` too.
local function room_time(room, clock)
  local last_at = room.lastAt or 0
  if last_at - clock <= CLOCK_ERROR_MS or not room.isConsistent then return math.max(clock, last_at) end
  local first, last = '[' .. name_of('', 0), '[' .. name_of('', LAST_OFFSET)
  for _, place in ipairs(redis.call('ZREVRANGEBYLEX', INDEX_KEY, last, first)) do
    local offset = tonumber(string.sub(place, 2))
    local message = item_at(room, offset)
    if not message or tonumber(message[4]) <= clock then break end
    message[4] = whole(clock)
    if message[9] ~= '' then message[9] = whole(clock) end
    replace(room, offset, message)
  end
  room.lastAt = clock
  redis.call('HSET', META_KEY, 'lastAt', whole(clock))
  return clock
end

-- Appends an item to the log and publishes it. If `stored` is given, the log gets `stored`, but subscribers
-- receive `item`. Returns the offset.
local function append(room, now, item, stored)
  local offset = room.next
  local encoded = cjson.encode(item)
  redis.call('RPUSH', LOG_KEY, stored and cjson.encode(stored) or encoded)
  room.next, room.lastId, room.lastAt = offset + 1, item[2], now
  if offset == room.head then
    -- keep_alive() can set a TTL only on keys that exist. So when the log gets its first item, each other key
    -- gets an unused entry, except `older` (trim_log() takes care of its TTL). The RPUSH above has just
    -- created the LIST without a TTL. Because of that, `expiresAt` is removed, and keep_alive() sets all TTLs
    -- now.
    redis.call('ZADD', INDEX_KEY, '0', '')
    redis.call('ZADD', REACTORS_KEY, '+inf', '')
    redis.call('HSET', READ_MARKS_KEY, '', '0')
    redis.call('HSET', SENDS_KEY, '', '')
    redis.call('HSET', CHANGED_KEY, '', '')
    redis.call('ZADD', REACTED_KEY, '+inf', '')
    room.expiresAt = nil
  end
  if item[1] == 'm' then
    room.messages = room.messages + 1
    local names = names_of(item, offset)
    if #names == 2 then
      redis.call('ZADD', INDEX_KEY, '0', names[1], '0', names[2])
    else
      redis.call('ZADD', INDEX_KEY, '0', names[1], '0', names[2], '0', names[3], '0', names[4])
    end
    trim_messages(room)
  end
  trim_log(room)
  write_ends(room)
  keep_alive(room, now)
  if item[1] ~= 'r' then redis.call(publish_command, ACTIVITY_KEY, '') end
  redis.call(publish_command, TOPIC_KEY, 'item ' .. room.epoch .. ' ' .. whole(offset) .. ' ' .. encoded)
  return offset
end
