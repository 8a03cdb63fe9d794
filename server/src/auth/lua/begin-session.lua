--- @include ../../redis/lua/clock.lua
--- @keys record
--- @args about ttlMs
-- Creates a session. `about` is JSON: the session's user, rights and user agent (`About` in sessions.ts).
-- The TTL counts from the last use.
-- Returns the time of the session's creation in ms.

local now = string.format('%.0f', now_ms())
redis.call('HSET', RECORD_KEY, 'about', about, 'ttlMs', ttl_ms, 'createdAt', now, 'seenAt', now)
redis.call('PEXPIRE', RECORD_KEY, ttl_ms)
return now
