--- @include ./log.lua
-- Reading messages by offset.

local FIRST, LAST = place_of(0), place_of(9999999999999999)

-- About how many bytes of messages one reply holds. A client must be able to take it without being paused.
local PAGE_BYTES = 131072

-- Adds offset and item of up to `limit` messages to `reply`, oldest first: those next to `after`, or else
-- those right before `before` ("" for the end). Large messages are fewer. Returns whether more follow in that
-- direction.
local function add_messages(reply, room, before, after, limit)
  if not room.isConsistent then return false end
  local found
  if after ~= '' then
    found =
      redis.call('ZRANGEBYLEX', INDEX_KEY, '(' .. place_of(after), '[' .. LAST, 'LIMIT', 0, limit + 1)
  else
    local bound = before == '' and '[' .. LAST or '(' .. place_of(before)
    found = redis.call('ZREVRANGEBYLEX', INDEX_KEY, bound, '[' .. FIRST, 'LIMIT', 0, limit + 1)
  end
  local offsets, items, bytes = {}, {}, 0
  for at = 1, math.min(#found, limit) do
    local offset = tonumber(string.sub(found[at], 2))
    local item = redis.call('LINDEX', LOG_KEY, offset - room.head)
    bytes = bytes + #item
    if at > 1 and bytes > PAGE_BYTES then break end
    offsets[at], items[at] = whole(offset), item
  end
  for at = 1, #items do
    local place = after ~= '' and at or #items + 1 - at
    reply[#reply + 1], reply[#reply + 2] = offsets[place], items[place]
  end
  return #found > #items
end
