--- @include ../redis/clock.lua
-- What was revoked since a moment.
-- KEYS  1 ZSET of revoked users  2 ZSET of sessions and keys that were revoked
-- ARGV  1 the moment in ms, or +inf to learn the time only
-- Returns {now in ms, {user, its time, ...}, {session:<id> or key:<id>, its time, ...}}.

local function since(key)
  return redis.call('ZRANGEBYSCORE', key, ARGV[1], '+inf', 'WITHSCORES')
end
return { string.format('%.0f', now_ms()), since(KEYS[1]), since(KEYS[2]) }
