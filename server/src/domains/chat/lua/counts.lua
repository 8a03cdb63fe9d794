--- @include ./log.lua
-- Counts messages in the index (log.lua). `prefix` is "" for the whole room, or the prefix of a thread.

-- Each message has names in the index (log.lua). Returns how many names of one kind belong to messages after
-- an offset. `place_in` makes a name of that kind.
local function count_after(prefix, place_in, offset)
  return redis.call(
    'ZLEXCOUNT',
    INDEX_KEY,
    '(' .. place_in(prefix, offset),
    '[' .. place_in(prefix, LAST_OFFSET)
  )
end

-- Returns the caller's read mark, 0 if there is none.
local function read_mark() return tonumber(redis.call('HGET', READ_MARKS_KEY, caller) or 0) end

-- Returns the number of messages that are not deleted.
local function count_messages(prefix)
  return count_after(prefix, place_of, 0) - count_after(prefix, deleted_place_of, 0)
end

-- Returns the number of messages after the offset `mark` that are neither deleted nor the caller's own.
local function count_unread(prefix, mark)
  local function own_place(of, offset) return own_place_of(of, caller, offset) end
  local all, deleted = count_after(prefix, place_of, mark), count_after(prefix, deleted_place_of, mark)
  return all - deleted - count_after(prefix, own_place, mark)
end
