--- @include ./log.lua
-- Counting messages: those of the room under the prefix "", or those of a thread.

local function count_after(prefix, place_in, offset)
  return redis.call(
    'ZLEXCOUNT',
    INDEX_KEY,
    '(' .. place_in(prefix, offset),
    '[' .. place_in(prefix, LAST_OFFSET)
  )
end

-- The caller's read mark.
local function read_mark() return tonumber(redis.call('HGET', READ_MARKS_KEY, caller) or 0) end

-- The messages that are not deleted.
local function count_messages(prefix)
  return count_after(prefix, place_of, 0) - count_after(prefix, deleted_place_of, 0)
end

-- The messages by others after an offset that are not deleted.
local function count_unread(prefix, mark)
  local function own_place(of, offset) return own_place_of(of, caller, offset) end
  local all, deleted = count_after(prefix, place_of, mark), count_after(prefix, deleted_place_of, mark)
  return all - deleted - count_after(prefix, own_place, mark)
end
