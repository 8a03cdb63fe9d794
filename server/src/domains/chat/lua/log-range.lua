--- @include ./log.lua
-- Reading the log from a position.

-- Returns the id of the item at an offset of the log, or right before its head.
local function id_at(room, offset)
  if offset == room.next - 1 then return room.lastId end
  if offset == room.head - 1 then return room.headId end
  return item_at(room, offset)[2]
end

-- Returns why the log can't be read from a position: "epoch", "ahead", "trimmed" or "forked"; nil when it
-- can. `id` is "" when it is not known.
local function gap_after(room, epoch, offset, id)
  if epoch ~= room.epoch then return 'epoch' end
  if offset >= room.next then return 'ahead' end
  if offset < room.head - 1 then return 'trimmed' end
  if id ~= '' and id ~= id_at(room, offset) then return 'forked' end
  return nil
end

-- An item as clients receive it: an edit with the content that its message has now.
local function published(room, encoded)
  if string.sub(encoded, 1, 4) ~= '["e"' then return encoded end
  local edit = cjson.decode(encoded)
  local message = item_at(room, tonumber(edit[3]))
  if not message then return encoded end
  edit[4], edit[5], edit[6] = message[5], message[6], message[9]
  return cjson.encode(edit)
end

local CHUNK = 100

-- Returns the encoded items after an offset: about `limit_bytes` of them, and at least one if there is any.
local function items_after(room, offset, limit_bytes)
  local items, bytes, at = {}, 0, offset + 1 - room.head
  while at < room.next - room.head do
    for _, stored in ipairs(redis.call('LRANGE', LOG_KEY, at, at + CHUNK - 1)) do
      local encoded = published(room, stored)
      bytes = bytes + #encoded
      if bytes > limit_bytes and #items > 0 then return items end
      items[#items + 1] = encoded
    end
    at = at + CHUNK
  end
  return items
end

-- The reply with the items after an offset.
local function recovered_reply(room, offset, limit_bytes)
  local items = items_after(room, offset, limit_bytes)
  local read_to = offset + #items
  local reply = { 'recovered', room.epoch, whole(room.access), whole(read_to), id_at(room, read_to) }
  reply[6] = whole(room.next - 1)
  for _, encoded in ipairs(items) do
    reply[#reply + 1] = encoded
  end
  return reply
end
