--- @include ../../../redis/lua/clock.lua
--- @keys leases sweeps due claimed ticked
--- @args incarnation ttlMs ownTtlMs isNew predecessor claimMs limit outageMs
--- @reply ok: nextLeaseMs nextRoomMs gone[] rooms[]
--- @reply lapsed:
-- Renews the lease of a node, and claims work for this node: at most `limit` nodes whose leases ended
-- (`gone`), and at most `limit` rooms. When a claim ends before the work is done, any node may claim the work
-- again. "lapsed": the lease had ended and was not renewed.
--   incarnation  the id of this node's lease; a node whose lease ended takes a new lease with a new id
--   predecessor  the node's incarnation before this new one, "" for none
--   ttlMs        the TTL of the lease of a node with members
--   ownTtlMs     the TTL of this node's lease, which is longer for an idle node without members
--   outageMs     when no node has ticked for this long, the reason is an outage of Redis
--   nextLeaseMs  in how many ms the next lease of another node ends, "" for none
--   nextRoomMs   in how many ms the next room is due or the next claim on a room ends, "" for none
--   gone         pairs of an incarnation whose lease ended, and when it ended
--   rooms        rooms in which expire-members.lua has work, for example to remove a member who has been
--                without a connection for too long

local function whole(number) return string.format('%.0f', number) end

local now = now_ms()
local lease_ends = whole(now + tonumber(ttl_ms))

local claim_ends = whole(now + tonumber(claim_ms))

-- The scores of the ZSET are times. Lowers each score that is later than `time`, so that it equals `time`.
local function set_latest(key, time)
  for _, each in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. time, '+inf')) do
    redis.call('ZADD', key, time, each)
  end
end

local ticked = tonumber(redis.call('GET', TICKED_KEY) or 0)
if now - ticked > tonumber(outage_ms) then
  -- No node could renew its lease during the outage, so each lease now lasts for at least the full TTL.
  for _, each in ipairs(redis.call('ZRANGEBYSCORE', LEASES_KEY, '-inf', lease_ends)) do
    redis.call('ZADD', LEASES_KEY, lease_ends, each)
  end
elseif ticked - now > 1000 then
  -- Redis's clock was set back: times that were stored before are too far in the future.
  set_latest(LEASES_KEY, lease_ends)
  set_latest(SWEEPS_KEY, claim_ends)
  set_latest(CLAIMED_KEY, claim_ends)
  set_latest(DUE_KEY, whole(now))
end
redis.call('SET', TICKED_KEY, whole(now), 'PX', 86400000)

if is_new ~= '1' then
  local ends_at = tonumber(redis.call('ZSCORE', LEASES_KEY, incarnation) or 0)
  if ends_at <= now then return { 'lapsed' } end
end
redis.call('ZADD', LEASES_KEY, whole(now + tonumber(own_ttl_ms)), incarnation)
-- A sweep removes the members of an incarnation whose lease has ended. A late write may have arrived after
-- the sweep of the predecessor, so the predecessor is swept again.
if predecessor ~= '' then redis.call('ZADD', LEASES_KEY, 'NX', whole(now), predecessor) end

local function ended(key)
  return redis.call('ZRANGEBYSCORE', key, '-inf', whole(now), 'WITHSCORES', 'LIMIT', 0, limit)
end

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

local function first(key, index) return redis.call('ZRANGE', key, index, index, 'WITHSCORES') end
local function ms_until(...)
  local earliest = math.huge
  for _, found in ipairs({ ... }) do
    if found[2] then earliest = math.min(earliest, tonumber(found[2])) end
  end
  if earliest == math.huge then return '' end
  return whole(math.max(0, earliest - now))
end
local lease = first(LEASES_KEY, 0)
if lease[1] == incarnation then lease = first(LEASES_KEY, 1) end
local room_ms = ms_until(first(DUE_KEY, 0), first(CLAIMED_KEY, 0))
return { 'ok', ms_until(lease), room_ms, gone, rooms }
