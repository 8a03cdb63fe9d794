--- @include ../../../redis/lua/clock.lua
--- @keys leases sweeps due claimed ticked
--- @args incarnation ttlMs isNew predecessor claimMs limit outageMs
--- @reply ok: gone[] rooms[]
--- @reply lapsed:
-- Renews the lease of a node and claims work for it, at most `limit` of each kind. Another node claims work
-- that is not done when the claim ends. "lapsed": the lease had ended, and the script did nothing.
--   predecessor  the incarnation that a new one replaces, "" for none
--   outageMs     when no node ticked for this long, Redis was away and not the nodes
--   gone         pairs of an incarnation whose lease ended, and when it ended
--   rooms        rooms where the grace or TTL of a member has ended

local function whole(number) return string.format('%.0f', number) end

local now = now_ms()
local lease_ends = whole(now + tonumber(ttl_ms))

-- No node could renew its lease during an outage: each lease begins anew.
if now - tonumber(redis.call('GET', TICKED_KEY) or 0) > tonumber(outage_ms) then
  for _, each in ipairs(redis.call('ZRANGE', LEASES_KEY, 0, -1)) do
    redis.call('ZADD', LEASES_KEY, lease_ends, each)
  end
end
redis.call('SET', TICKED_KEY, whole(now), 'PX', 86400000)

if is_new ~= '1' then
  local ends_at = tonumber(redis.call('ZSCORE', LEASES_KEY, incarnation) or 0)
  if ends_at <= now then return { 'lapsed' } end
end
redis.call('ZADD', LEASES_KEY, lease_ends, incarnation)
-- A predecessor that was swept may have written after that: sweep it again.
if predecessor ~= '' then redis.call('ZADD', LEASES_KEY, 'NX', whole(now), predecessor) end

local function ended(key)
  return redis.call('ZRANGEBYSCORE', key, '-inf', whole(now), 'WITHSCORES', 'LIMIT', 0, limit)
end
local claim_ends = whole(now + tonumber(claim_ms))

redis.call('ZREMRANGEBYSCORE', SWEEPS_KEY, '-inf', whole(now))
local gone = {}
local lapsed = ended(LEASES_KEY)
for at = 1, #lapsed, 2 do
  if redis.call('ZADD', SWEEPS_KEY, 'NX', claim_ends, lapsed[at]) == 1 then
    gone[#gone + 1], gone[#gone + 2] = lapsed[at], lapsed[at + 1]
  end
end

local undone = ended(CLAIMED_KEY)
for at = 1, #undone, 2 do
  redis.call('ZREM', CLAIMED_KEY, undone[at])
  redis.call('ZADD', DUE_KEY, whole(now), undone[at])
end
local rooms, due = {}, ended(DUE_KEY)
for at = 1, #due, 2 do
  redis.call('ZREM', DUE_KEY, due[at])
  redis.call('ZADD', CLAIMED_KEY, claim_ends, due[at])
  rooms[#rooms + 1] = due[at]
end
return { 'ok', gone, rooms }
