-- Reading a log on from a position.

-- The id of the item at an offset of the log, or right before its head.
local function id_at(room, offset)
  if offset == room.next - 1 then return room.lastId end
  if offset == room.head - 1 then return room.headId end
  return item_at(room, offset)[2]
end

-- Why it can't be read on: "epoch", "ahead", "trimmed" or "forked"; nil when it can. `id` may be "" for not known.
local function gap_behind(room, epoch, offset, id)
  if epoch ~= room.epoch then return 'epoch' end
  if offset >= room.next then return 'ahead' end
  if offset < room.head - 1 then return 'trimmed' end
  if id ~= '' and id ~= id_at(room, offset) then return 'forked' end
  return nil
end

local PAGE = 100

-- The encoded items behind an offset, up to about `most_bytes` of them but at least one if there is any.
local function items_behind(room, offset, most_bytes)
  local items, bytes, at = {}, 0, offset + 1 - room.head
  while at < room.next - room.head do
    for _, encoded in ipairs(redis.call('LRANGE', LOG, at, at + PAGE - 1)) do
      bytes = bytes + #encoded
      if bytes > most_bytes and #items > 0 then return items end
      items[#items + 1] = encoded
    end
    at = at + PAGE
  end
  return items
end
