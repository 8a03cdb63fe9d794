--- @include ./counts.lua
-- Reads pages of messages by offset.

-- The maximum size of a page in bytes, unless one message alone is larger. A page waits in the queue of the
-- client's connection. A queue above GRANDSTAND_QUEUE_KIB pauses the client's subscriptions. So a page is
-- smaller than the default of GRANDSTAND_QUEUE_KIB.
local PAGE_BYTES = 131072

-- Appends the offset and the item of up to `limit` messages to `reply`, oldest first:
--   - if `after` is not "", the first messages after that offset;
--   - else, if `before` is not "", the last messages before that offset;
--   - else, the last messages.
-- `prefix` selects the messages of one thread; "" selects all messages. Returns whether there are more
-- messages: newer ones with `after`, else older ones.
local function add_messages(reply, room, prefix, before, after, limit)
  if not room.isConsistent then return false end
  local found
  local first, last = '[' .. name_of(prefix, 0), '[' .. name_of(prefix, LAST_OFFSET)
  if after ~= '' then
    first = '(' .. name_of(prefix, after)
    found = redis.call('ZRANGEBYLEX', INDEX_KEY, first, last, 'LIMIT', 0, limit + 1)
  else
    if before ~= '' then last = '(' .. name_of(prefix, before) end
    found = redis.call('ZREVRANGEBYLEX', INDEX_KEY, last, first, 'LIMIT', 0, limit + 1)
  end
  local offsets, items, bytes, taken = {}, {}, 0, 0
  for at = 1, math.min(#found, limit) do
    local offset = tonumber(string.sub(found[at], -16))
    -- The item is nil if Redis has lost the HASH `older`, which keeps the messages that have left the log.
    local item = encoded_at(room, offset)
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
