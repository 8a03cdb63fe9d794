--- @include ./write.lua
--- @keys pace
--- @args event intervalMs
--- @reply ok: sent
-- Publishes that the caller is typing, at most once per interval. Nothing is stored.

local room = read_room()
local role, refusal = writer_role(room, now_ms())
if not role then return refusal end
if not redis.call('SET', PACE_KEY, '1', 'NX', 'PX', interval_ms) then return { 'ok', '0' } end
redis.call(publish_command, TOPIC_KEY, 'typing ' .. event)
return { 'ok', '1' }
