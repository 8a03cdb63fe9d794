--- @include ../../../redis/lua/clock.lua
--- @keys due claimed
--- @args room delayMs isDone
--- @reply ok:
-- Schedules expire-members.lua for a room, unless it is due earlier. `delay_ms` is "" for never; `is_done` is
-- "1" when the caller has carried out a claim on the room.

if is_done == '1' then redis.call('ZREM', CLAIMED_KEY, room) end
if delay_ms ~= '' then
  local at = now_ms() + tonumber(delay_ms)
  local before = tonumber(redis.call('ZSCORE', DUE_KEY, room))
  if not before or before > at then redis.call('ZADD', DUE_KEY, string.format('%.0f', at), room) end
end
return { 'ok' }
