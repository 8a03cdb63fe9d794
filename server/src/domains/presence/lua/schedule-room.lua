--- @include ../../../redis/lua/clock.lua
--- @keys due claimed
--- @args room delayMs isDone
--- @reply ok:
-- Makes a room due for expire-members.lua in `delay_ms`, unless the room is due earlier. `delay_ms` is "" for
-- never. `is_done` is "1" when the caller has done the work that it claimed; this ends its claim on the room.

if is_done == '1' then redis.call('ZREM', CLAIMED_KEY, room) end
if delay_ms ~= '' then
  local at = now_ms() + tonumber(delay_ms)
  local before = tonumber(redis.call('ZSCORE', DUE_KEY, room))
  if not before or before > at then redis.call('ZADD', DUE_KEY, string.format('%.0f', at), room) end
end
return { 'ok' }
