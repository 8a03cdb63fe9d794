--- @include ../redis/clock.lua
--- @include ../redis/idempotency.lua
-- Notes that something was revoked, and tells all nodes.
-- KEYS  1 ZSET to note it in  2 topic  3 answer to the idempotency key  4 HASH of API keys
-- ARGV  1 user, or id of a session or key  2 what it is: "user", "session", "key"  3 how long to remember it, in ms
--       4 SPUBLISH or PUBLISH  5 fingerprint  6 TTL of the answer in ms
-- Returns {"ok", now in ms}, or {"idempotency"}.

local known = first_answer(KEYS[3], ARGV[5])
if known then return known end

local now = now_ms()
local at = string.format('%.0f', now)
local member = ARGV[1]
if ARGV[2] ~= 'user' then member = ARGV[2] .. ':' .. ARGV[1] end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - tonumber(ARGV[3])))
redis.call('ZADD', KEYS[1], at, member)
if ARGV[2] == 'key' then redis.call('HDEL', KEYS[4], ARGV[1]) end
redis.call(ARGV[4], KEYS[2], at .. ' ' .. ARGV[2] .. ':' .. ARGV[1])
return answer(KEYS[3], ARGV[5], ARGV[6], { 'ok', at })
