--- @include ./log.lua
-- Reads the log from a position.

-- Returns the id of the item at an offset. The offset must be in the log or directly before the head of the
-- log.
local function id_at(room, offset)
  if offset == room.next - 1 then return room.lastId end
  if offset == room.head - 1 then return room.headId end
  return item_at(room, offset)[2]
end

-- Returns why the items after a position can't be read; nil if they can. `id` is "" if it is not known.
--   epoch    the log has another epoch
--   ahead    the position is after the end of the log
--   trimmed  items after the position have already left the log
--   forked   another item is at the position: the log lost its last items and gave their offsets to new ones
local function gap_after(room, epoch, offset, id)
  if epoch ~= room.epoch then return 'epoch' end
  if offset >= room.next then return 'ahead' end
  if offset < room.head - 1 then return 'trimmed' end
  if id ~= '' and id ~= id_at(room, offset) then return 'forked' end
  return nil
end

-- Returns an item as clients receive it. An edit in the log has no content (log.lua), so it gets the present
-- content of its message.
local function published(room, encoded)
  if string.sub(encoded, 1, 4) ~= '["e"' then return encoded end
  local edit = cjson.decode(encoded)
  local message = item_at(room, tonumber(edit[3]))
  if not message then return encoded end
  edit[4], edit[5], edit[6] = message[5], message[6], message[9]
  return cjson.encode(edit)
end

-- How many items one LRANGE reads.
local CHUNK = 100

-- Returns the encoded items after an offset, up to `limit_bytes` in total, and at least one if there is any.
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

-- Returns the reply `recovered` (read-log.lua) with the items after an offset.
local function recovered_reply(room, offset, limit_bytes)
  local items = items_after(room, offset, limit_bytes)
  local read_to = offset + #items
  local reply =
    { 'recovered', room.epoch, whole(room.accessVersion), whole(read_to), id_at(room, read_to) }
  reply[6] = whole(room.next - 1)
  for _, encoded in ipairs(items) do
    reply[#reply + 1] = encoded
  end
  return reply
end
