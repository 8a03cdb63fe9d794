--- @include ../redis/clock.lua
-- Reads a session, and moves its end away.
-- KEYS  1 HASH of the session  2 its cookie
-- ARGV  1 least time between two notes of its use, in ms
-- Returns {what it is about as JSON, ttl in ms, begun in ms, "1" when the end was moved}, or {} when there is none.

local record = redis.call('HMGET', KEYS[1], 'about', 'ttlMs', 'createdAt', 'seenAt')
if not record[1] then return {} end
local now = now_ms()
local moved = '0'
if now - tonumber(record[4]) >= tonumber(ARGV[1]) then
  moved = '1'
  redis.call('HSET', KEYS[1], 'seenAt', string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[1], record[2])
  redis.call('PEXPIRE', KEYS[2], record[2])
end
return { record[1], record[2], record[3], moved }
