--- @include ./log-range.lua
--- @args epoch offset id limitBytes
--- @reply recovered: epoch access offset id last items...
--- @reply lost: epoch access offset id reason
-- Reads what a node has missed of a room that it follows, from its position on. `access` counts changes of
-- access. `offset` and `id` are those of the last item that is returned, `last` is the offset of the log's
-- last item. With `lost`, they are those of the log's last item. A log that lost its end continues in a new
-- epoch.

local room = read_room()
begin_log(room)
local reason = gap_after(room, epoch, tonumber(offset), id)
if not reason then return recovered_reply(room, tonumber(offset), tonumber(limit_bytes)) end
if reason == 'ahead' or reason == 'forked' then
  -- Items that the node has published are gone. Clients that had not received them must learn that, too.
  room.epoch = new_epoch
  redis.call('HSET', META_KEY, 'epoch', room.epoch)
end
return { 'lost', room.epoch, whole(room.access), whole(room.next - 1), room.lastId, reason }
