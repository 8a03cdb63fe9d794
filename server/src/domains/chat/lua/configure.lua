--- @include ./access.lua
-- Creates a room or replaces its settings.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 visibility  9 log size  10 retention in ms  11 slow mode in ms
-- Returns {"ok", createdAt in ms, updatedAt in ms, "1" when who may see the room has changed}.

local known = first_answer(KEPT, FINGERPRINT)
if known then return known end

local room = read_room()
local now = room_time(room)
local visibility_before = room.visibility
room.visibility, room.logSize = ARGV[8], tonumber(ARGV[9])
room.retentionMs, room.createdAt = tonumber(ARGV[10]), room.createdAt or whole(now)
redis.call('HSET', META, 'visibility', ARGV[8], 'logSize', ARGV[9], 'retentionMs', ARGV[10], 'slowModeMs', ARGV[11],
  'createdAt', room.createdAt, 'updatedAt', whole(now))
redis.call('PERSIST', META)
if room.isWhole then
  trim(room)
  keep_alive(room, now)
end
local is_seen_by_others = visibility_before ~= ARGV[8]
if is_seen_by_others then access_changed(room, now, '') end
return answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok', room.createdAt, whole(now), is_seen_by_others and '1' or '0' })
