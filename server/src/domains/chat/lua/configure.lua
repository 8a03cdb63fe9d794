--- @include ./access-change.lua
--- @include ../../../redis/lua/idempotency.lua
--- @args visibility logSize retentionMs slowModeMs
--- @reply ok: visibilityNow logSizeNow retentionMsNow slowModeMsNow createdAtMs updatedAtMs accessChanged
-- Creates a room, or changes its settings. A setting that is "" stays as it is. Replies the settings after
-- the change. `accessChanged` is "1" when the visibility has changed.

local known = first_reply()
if known then return known end

local room = read_room()
local now = now_ms()
local visibility_before = room.visibility
room.visibility = visibility ~= '' and visibility or room.visibility
room.logSize = tonumber(log_size) or room.logSize
room.retentionMs = tonumber(retention_ms) or room.retentionMs
room.slowModeMs = tonumber(slow_mode_ms) or room.slowModeMs
room.createdAt = room.createdAt or whole(now)
redis.call(
  'HSET',
  META_KEY,
  'visibility',
  room.visibility,
  'logSize',
  whole(room.logSize),
  'retentionMs',
  whole(room.retentionMs),
  'slowModeMs',
  whole(room.slowModeMs),
  'createdAt',
  room.createdAt,
  'updatedAt',
  whole(now)
)
redis.call('PERSIST', META_KEY)
if room.isConsistent then
  trim_messages(room)
  trim_log(room)
  write_ends(room)
  keep_alive(room, now)
end
local has_access_changed = visibility_before ~= room.visibility
if has_access_changed then access_changed(room, '') end
return keep_reply({
  'ok',
  room.visibility,
  whole(room.logSize),
  whole(room.retentionMs),
  whole(room.slowModeMs),
  room.createdAt,
  whole(now),
  has_access_changed and '1' or '0',
})
