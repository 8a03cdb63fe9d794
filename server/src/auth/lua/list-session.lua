--- @include ../../redis/lua/clock.lua
--- @keys sessions
--- @args id ttlMs maxSessions
-- Records the expiry of a session in the list of its user's sessions, and removes expired sessions from the
-- list. If the list exceeds the maximum, also removes the sessions that expire first, and returns their ids.

local now = now_ms()
redis.call('ZREMRANGEBYSCORE', SESSIONS_KEY, '-inf', now)
redis.call('ZADD', SESSIONS_KEY, now + tonumber(ttl_ms), id)
local surplus = {}
local excess = redis.call('ZCARD', SESSIONS_KEY) - tonumber(max_sessions)
if excess > 0 then
  -- Keeps the session that is recorded now, even if it expires first.
  for _, other in ipairs(redis.call('ZRANGE', SESSIONS_KEY, 0, excess)) do
    if other ~= id and #surplus < excess then
      surplus[#surplus + 1] = other
      redis.call('ZREM', SESSIONS_KEY, other)
    end
  end
end
local last = redis.call('ZREVRANGE', SESSIONS_KEY, 0, 0, 'WITHSCORES')
redis.call('PEXPIREAT', SESSIONS_KEY, string.format('%.0f', tonumber(last[2])))
return surplus
