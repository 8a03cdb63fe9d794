--- @include ./access-change.lua
--- @include ./once.lua
--- @args visibility logSize retentionMs slowModeMs
--- @reply ok: createdAtMs updatedAtMs accessChanged
-- Creates a room, or replaces its settings.

local known = first_reply()
if known then return known end

local room = read_room()
local now = now_ms()
local visibility_before = room.visibility
room.visibility, room.logSize = visibility, tonumber(log_size)
room.retentionMs, room.createdAt = tonumber(retention_ms), room.createdAt or whole(now)
redis.call('HSET', META_KEY, 'visibility', visibility, 'logSize', log_size, 'retentionMs', retention_ms)
redis.call(
  'HSET',
  META_KEY,
  'slowModeMs',
  slow_mode_ms,
  'createdAt',
  room.createdAt,
  'updatedAt',
  whole(now)
)
redis.call('PERSIST', META_KEY)
if room.isConsistent then
  trim_messages(room)
  trim_log(room)
  keep_alive(room, now)
end
local has_access_changed = visibility_before ~= visibility
if has_access_changed then access_changed(room, '') end
return keep_reply({ 'ok', room.createdAt, whole(now), has_access_changed and '1' or '0' })
