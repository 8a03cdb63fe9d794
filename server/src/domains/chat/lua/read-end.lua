--- @include ./room.lua
--- @reply ok: epoch offset id accessVersion
-- Reads the position of the log's last item, for a node that follows the room. `accessVersion` is a number
-- that increases whenever the access to the room changes. `epoch` is "" when the room has no log. If the log
-- exists but has no items, this renews the TTL of the log's epoch.

local room = read_room()
if not room.isConsistent then return { 'ok', '', '0', '', whole(room.accessVersion) } end
if room.next == 1 and not room.createdAt then redis.call('PEXPIRE', META_KEY, EMPTY_MS) end
return { 'ok', room.epoch, whole(room.next - 1), room.lastId, whole(room.accessVersion) }
