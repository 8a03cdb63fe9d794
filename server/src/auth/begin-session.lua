--- @include ../redis/clock.lua
-- Begins a session.
-- KEYS  1 HASH of the session
-- ARGV  1 whose it is and what it may do, as JSON  2 how long it lives without use, in ms
-- Returns now in ms.

local now = string.format('%.0f', now_ms())
redis.call('HSET', KEYS[1], 'about', ARGV[1], 'ttlMs', ARGV[2], 'createdAt', now, 'seenAt', now)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return now
