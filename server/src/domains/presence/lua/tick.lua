--- @include ../../../redis/lua/clock.lua
-- One node's part in keeping presence: renews its lease, and takes up what is to be done.
-- KEYS  1 leases  2 sweeps  3 due  4 claimed  5 when a node last ticked
-- ARGV  1 incarnation of the node  2 TTL of its lease in ms  3 "1" when the incarnation is new  4 the one that it takes
--       the place of, or ""  5 for how many ms work is claimed  6 how much of each kind at most
--       7 after how many ms without a tick of any node Redis itself was away
-- Returns {"lapsed"} when the lease was not held, and nothing was done; else {"ok", {gone incarnation, when its lease
-- ended in ms, ...}, {room to look at, ...}}.
--
-- What was claimed and is not done when the claim ends is claimed by another.

local LEASES, SWEEPS, DUE, CLAIMED, TICKED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local function whole(number) return string.format('%.0f', number) end

local now = now_ms()
local lease_ends = whole(now + tonumber(ARGV[2]))

-- No node could renew its lease while Redis was away: each gets the time of a lease to come back.
if now - tonumber(redis.call('GET', TICKED) or 0) > tonumber(ARGV[7]) then
  for _, each in ipairs(redis.call('ZRANGE', LEASES, 0, -1)) do redis.call('ZADD', LEASES, lease_ends, each) end
end
redis.call('SET', TICKED, whole(now), 'PX', 86400000)

if ARGV[3] ~= '1' then
  local ends_at = tonumber(redis.call('ZSCORE', LEASES, ARGV[1]) or 0)
  if ends_at <= now then return { 'lapsed' } end
end
redis.call('ZADD', LEASES, lease_ends, ARGV[1])
-- It may have written something behind its end.
if ARGV[4] ~= '' then redis.call('ZADD', LEASES, 'NX', whole(now), ARGV[4]) end

local function over(ends)
  return redis.call('ZRANGEBYSCORE', ends, '-inf', whole(now), 'WITHSCORES', 'LIMIT', 0, ARGV[6])
end
local claim_ends = whole(now + tonumber(ARGV[5]))

redis.call('ZREMRANGEBYSCORE', SWEEPS, '-inf', whole(now))
local gone = {}
local lapsed = over(LEASES)
for at = 1, #lapsed, 2 do
  if redis.call('ZADD', SWEEPS, 'NX', claim_ends, lapsed[at]) == 1 then
    gone[#gone + 1], gone[#gone + 2] = lapsed[at], lapsed[at + 1]
  end
end

local undone = over(CLAIMED)
for at = 1, #undone, 2 do
  redis.call('ZREM', CLAIMED, undone[at])
  redis.call('ZADD', DUE, whole(now), undone[at])
end
local rooms, due = {}, over(DUE)
for at = 1, #due, 2 do
  redis.call('ZREM', DUE, due[at])
  redis.call('ZADD', CLAIMED, claim_ends, due[at])
  rooms[#rooms + 1] = due[at]
end
return { 'ok', gone, rooms }
