--- @include ./counts.lua
-- Reading messages by offset.

-- About how many bytes of messages one reply holds. A client must be able to take it without being paused.
local PAGE_BYTES = 131072

-- Adds offset and item of up to `limit` messages to `reply`, oldest first: those next to `after`, or else
-- those right before `before` ("" for the end). `prefix` is that of a thread, or "" for all messages. Large
-- messages are fewer. Returns whether more follow in that direction.
local function add_messages(reply, room, prefix, before, after, limit)
  if not room.isConsistent then return false end
  local found
  local first, last = '[' .. place_of(prefix, 0), '[' .. place_of(prefix, LAST_OFFSET)
  if after ~= '' then
    first = '(' .. place_of(prefix, after)
    found = redis.call('ZRANGEBYLEX', INDEX_KEY, first, last, 'LIMIT', 0, limit + 1)
  else
    if before ~= '' then last = '(' .. place_of(prefix, before) end
    found = redis.call('ZREVRANGEBYLEX', INDEX_KEY, last, first, 'LIMIT', 0, limit + 1)
  end
  local offsets, items, bytes, taken = {}, {}, 0, 0
  for at = 1, math.min(#found, limit) do
    local offset = tonumber(string.sub(found[at], -16))
    local item = encoded_at(room, offset)
    -- Redis may have lost the older messages.
    bytes = bytes + (item and #item or 0)
    if #items > 0 and bytes > PAGE_BYTES then break end
    if item then
      offsets[#offsets + 1], items[#items + 1] = whole(offset), item
    end
    taken = at
  end
  for at = 1, #items do
    local place = after ~= '' and at or #items + 1 - at
    reply[#reply + 1], reply[#reply + 2] = offsets[place], items[place]
  end
  return #found > taken
end
