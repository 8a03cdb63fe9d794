-- Reading messages by offset.

local FIRST, LAST = place_of(0), place_of(9999999999999999)

-- Adds offset and item of up to `limit` messages to `reply`, oldest first: those right behind `after`, or else those
-- right before `before` ("" for the end). Returns whether there are more in that direction.
local function add_messages(reply, room, before, after, limit)
  if not room.isWhole then return false end
  local found
  if after ~= '' then
    found = redis.call('ZRANGEBYLEX', INDEX, '(' .. place_of(after), '[' .. LAST, 'LIMIT', 0, limit + 1)
  else
    local bound = before == '' and '[' .. LAST or '(' .. place_of(before)
    found = redis.call('ZREVRANGEBYLEX', INDEX, bound, '[' .. FIRST, 'LIMIT', 0, limit + 1)
  end
  local count = math.min(#found, limit)
  for at = 1, count do
    local offset = tonumber(string.sub(found[after ~= '' and at or count + 1 - at], 2))
    reply[#reply + 1] = whole(offset)
    reply[#reply + 1] = redis.call('LINDEX', LOG, offset - room.head)
  end
  return #found > limit
end
