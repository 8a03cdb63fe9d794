--- @include ./log.lua
-- Counts messages by their names in the ZSET `index` (log.lua). `prefix` is "" for the whole room, or the
-- prefix of a thread.

-- Counts the messages after an offset in one range of the index. The function `name_in` selects the range:
-- `name_of` selects all messages, `deleted_name_of` only the deleted ones.
local function count_after(prefix, name_in, offset)
  return redis.call(
    'ZLEXCOUNT',
    INDEX_KEY,
    '(' .. name_in(prefix, offset),
    '[' .. name_in(prefix, LAST_OFFSET)
  )
end

-- Returns the caller's read mark, 0 if there is none.
local function read_mark() return tonumber(redis.call('HGET', READ_MARKS_KEY, caller) or 0) end

-- Returns the number of messages that are not deleted.
local function count_messages(prefix)
  return count_after(prefix, name_of, 0) - count_after(prefix, deleted_name_of, 0)
end

-- Returns the number of messages after the offset `mark` that are neither deleted nor the caller's own.
local function count_unread(prefix, mark)
  local function own_name(of, offset) return own_name_of(of, caller, offset) end
  local all, deleted = count_after(prefix, name_of, mark), count_after(prefix, deleted_name_of, mark)
  return all - deleted - count_after(prefix, own_name, mark)
end
