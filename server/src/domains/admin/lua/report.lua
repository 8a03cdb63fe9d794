--- @include ../../../redis/lua/clock.lua
--- @keys nodes leases activity
--- @args id report leaseMs connections calls failures limited deliveries eventLoopDelayMs
-- Stores the report of a node, renews its lease, and adds its counts to the current minute. `report` is JSON,
-- or "" when the node stops. A node that ended without the report "" is shown until an hour after its lease
-- ended.

local HOUR_MS = 3600000
-- The same number as SLOTS in node-reports.ts: the minutes that the console shows, and one more.
local SLOTS = 61

local now = now_ms()

local gone = redis.call('ZRANGEBYSCORE', LEASES_KEY, '-inf', string.format('%.0f', now - HOUR_MS))
for _, node in ipairs(gone) do
  redis.call('HDEL', NODES_KEY, node)
  redis.call('ZREM', LEASES_KEY, node)
end
if report == '' then
  redis.call('HDEL', NODES_KEY, id)
  redis.call('ZREM', LEASES_KEY, id)
else
  local record = { string.format('%.0f', now), connections, report }
  redis.call('HSET', NODES_KEY, id, table.concat(record, ' '))
  redis.call('ZADD', LEASES_KEY, string.format('%.0f', now + lease_ms), id)
end

local all = 0
for _, node in ipairs(redis.call('ZRANGEBYSCORE', LEASES_KEY, string.format('%.0f', now), '+inf')) do
  local record = redis.call('HGET', NODES_KEY, node)
  all = all + (tonumber(record and string.match(record, '^%d+ (%d+) ')) or 0)
end

local minute = math.floor(now / 60000)
local slot = string.format('%.0f:', minute % SLOTS)
local began = redis.call('HGET', ACTIVITY_KEY, slot .. 'at')
if tonumber(began) ~= minute then
  redis.call('HSET', ACTIVITY_KEY, slot .. 'at', string.format('%.0f', minute))
  for _, field in ipairs({
    'calls',
    'failures',
    'limited',
    'deliveries',
    'connections',
    'eventLoopDelayMs',
  }) do
    redis.call('HSET', ACTIVITY_KEY, slot .. field, '0')
  end
end
local function add(field, amount)
  if amount ~= '0' then redis.call('HINCRBY', ACTIVITY_KEY, slot .. field, amount) end
end
local function raise(field, value)
  local before = tonumber(redis.call('HGET', ACTIVITY_KEY, slot .. field))
  if tonumber(value) > before then redis.call('HSET', ACTIVITY_KEY, slot .. field, value) end
end
add('calls', calls)
add('failures', failures)
add('limited', limited)
add('deliveries', deliveries)
raise('connections', string.format('%.0f', all))
raise('eventLoopDelayMs', event_loop_delay_ms)
for _, key in ipairs({ NODES_KEY, LEASES_KEY, ACTIVITY_KEY }) do
  redis.call('PEXPIRE', key, 2 * HOUR_MS)
end
return { 'ok' }
