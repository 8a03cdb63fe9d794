--- @include ../../../redis/lua/clock.lua
--- @keys due claimed
--- @args room delayMs isDone
--- @reply ok:
-- Makes a room due for expire-members.lua in `delay_ms`, unless the room is due earlier. With "" as
-- `delay_ms`, the due time stays as it is. With "1" as `is_done`, the caller has done the work for which it
-- claimed the room, and its claim ends.

if is_done == '1' then redis.call('ZREM', CLAIMED_KEY, room) end
if delay_ms ~= '' then
  local at = now_ms() + tonumber(delay_ms)
  local before = tonumber(redis.call('ZSCORE', DUE_KEY, room))
  if not before or before > at then redis.call('ZADD', DUE_KEY, string.format('%.0f', at), room) end
end
return { 'ok' }
