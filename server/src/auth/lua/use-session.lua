--- @include ../../redis/lua/clock.lua
--- @keys record
--- @args seenIntervalMs
-- Reads a session. Renews its TTL if the last renewal is at least `seen_interval_ms` ago.
-- Returns {about, TTL in ms, creation time in ms, "1" when the TTL was renewed}, or {} when there is no
-- session. `about` is JSON with the user and the user's rights.

local session = redis.call('HMGET', RECORD_KEY, 'about', 'ttlMs', 'createdAt', 'seenAt')
if not session[1] then return {} end
local now = now_ms()
local is_renewed = '0'
if now - tonumber(session[4]) >= tonumber(seen_interval_ms) then
  is_renewed = '1'
  redis.call('HSET', RECORD_KEY, 'seenAt', string.format('%.0f', now))
  redis.call('PEXPIRE', RECORD_KEY, session[2])
end
return { session[1], session[2], session[3], is_renewed }
