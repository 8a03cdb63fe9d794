--- @include ../redis/clock.lua
-- Notes in the list of a user's sessions when one of them ends, and drops those that ended.
-- KEYS  1 ZSET of the user's sessions
-- ARGV  1 id of the session  2 in how many ms it ends  3 how many sessions a user may have
-- Returns the ids of sessions that are too many, those first that end first. They are dropped from the list.

local now = now_ms()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
local surplus = {}
local excess = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[3])
if excess > 0 then
  -- Not the one that is being noted, however soon it ends.
  for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, excess)) do
    if id ~= ARGV[1] and #surplus < excess then
      surplus[#surplus + 1] = id
      redis.call('ZREM', KEYS[1], id)
    end
  end
end
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', tonumber(last[2])))
return surplus
