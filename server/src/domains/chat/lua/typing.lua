--- @include ./write.lua
--- @keys pace
--- @args event intervalMs
--- @reply ok: sent
-- Publishes that the caller is typing, at most once per interval. The event is not stored.

local role, refusal = writer_role(read_room(), now_ms())
if not role then return refusal end
-- NX sets the key only if the key does not exist, so the key blocks further events until its TTL ends.
-- If the TTL is longer than the interval, Redis's clock was set back meanwhile. Then XX replaces the key.
local is_paced = redis.call('PTTL', PACE_KEY) <= tonumber(interval_ms)
local condition = is_paced and 'NX' or 'XX'
if not redis.call('SET', PACE_KEY, '1', condition, 'PX', interval_ms) then return { 'ok', '0' } end
redis.call(publish_command, TOPIC_KEY, 'typing ' .. event)
return { 'ok', '1' }
