--- @include ../../../redis/lua/clock.lua
-- Has a room looked at when somebody's grace or keeping ends, or sooner if that was to be anyway.
-- KEYS  1 due  2 claimed
-- ARGV  1 room  2 in how many ms, "" for never  3 "1" when it was looked at as claimed
-- Returns {"ok"}.

if ARGV[3] == '1' then redis.call('ZREM', KEYS[2], ARGV[1]) end
if ARGV[2] ~= '' then
  local at = now_ms() + tonumber(ARGV[2])
  local before = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]))
  if not before or before > at then redis.call('ZADD', KEYS[1], string.format('%.0f', at), ARGV[1]) end
end
return { 'ok' }
