--- @include ../../../redis/lua/clock.lua
--- @keys nodes leases activity
--- @reply ok: nowMs nodes[] leases[] activity[]
-- Reads what the nodes reported. Each list alternates names and values.

return {
  'ok',
  string.format('%.0f', now_ms()),
  redis.call('HGETALL', NODES_KEY),
  redis.call('ZRANGE', LEASES_KEY, 0, -1, 'WITHSCORES'),
  redis.call('HGETALL', ACTIVITY_KEY),
}
