--- @include ./room.lua
--- @reply ok: epoch offset id access
-- Reads the position of the log's last item, and `access`, the number of changes of access, for a node that
-- follows the room. If the log has no items, renews the TTL of its epoch. `epoch` is "" when the room
-- has no log.

local room = read_room()
if not room.isConsistent then return { 'ok', '', '0', '', whole(room.access) } end
if room.next == 1 and not room.createdAt then redis.call('PEXPIRE', META_KEY, EMPTY_MS) end
return { 'ok', room.epoch, whole(room.next - 1), room.lastId, whole(room.access) }
