--- @include ./log-range.lua
--- @args epoch offset id limitBytes
--- @reply recovered: epoch accessVersion offset id last items...
--- @reply lost: epoch accessVersion offset id reason
-- Reads the items after a position, for a node that follows the room. `accessVersion` is a number that
-- increases whenever the access to the room changes.
--   recovered  items of about `limitBytes` in all. `offset` and `id` are those of the last item in the reply;
--              `last` is the offset of the log's last item
--   lost       the items can't be read; log-range.lua lists the values of `reason`. `offset` and `id` are
--              those of the log's last item. A log that has lost its last items gets a new epoch

local room = read_room()
begin_log(room)
local reason = gap_after(room, epoch, tonumber(offset), id)
if not reason then return recovered_reply(room, tonumber(offset), tonumber(limit_bytes)) end
if reason == 'ahead' or reason == 'forked' then
  -- Redis has lost items that the calling node has published, and gives their offsets to other items. A
  -- client could continue from the offset of a lost item. To prevent this, the new epoch makes all clients
  -- resync.
  room.epoch = new_epoch
  redis.call('HSET', META_KEY, 'epoch', room.epoch)
end
return { 'lost', room.epoch, whole(room.accessVersion), whole(room.next - 1), room.lastId, reason }
