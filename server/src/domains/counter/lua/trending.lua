--- @include ../../../redis/lua/clock.lua
--- @include ./growth.lua
--- @keys hour
--- @args hourTtlMs firstRank limit
-- Reads the counters that grew most over the last hour, as {counter, growth, ...}, the fastest first. Ranks
-- count from 0. Growth may have a fraction. The sum over the slots of the hour (growth.lua) is cached in the
-- key `hour` for `hour_ttl_ms`.

-- A remaining TTL above `hour_ttl_ms` shows that the clock was set back: the cached sum would live too long.
local ttl = redis.call('PTTL', HOUR_KEY)
if ttl == -2 or ttl > tonumber(hour_ttl_ms) then
  local now, ring = now_ms(), growth_ring()
  local current, past = math.floor(now / SPAN_MS), now % SPAN_MS / SPAN_MS
  local union, weights = { SPANS + 1 }, {}
  for back = 0, SPANS do
    union[#union + 1] = slot_at(ring, current - back)
    -- Only the fraction `1 - past` of the oldest slot lies within the hour, so its growth has that weight.
    weights[#weights + 1] = back < SPANS and 1 or 1 - past
  end
  union[#union + 1] = 'WEIGHTS'
  for _, weight in ipairs(weights) do
    union[#union + 1] = weight
  end
  redis.call('ZUNIONSTORE', HOUR_KEY, unpack(union))
  redis.call('PEXPIRE', HOUR_KEY, hour_ttl_ms)
end
return redis.call('ZREVRANGE', HOUR_KEY, first_rank, first_rank + limit - 1, 'WITHSCORES')
