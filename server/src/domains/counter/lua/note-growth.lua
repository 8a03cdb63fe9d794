--- @include ../../../redis/lua/clock.lua
--- @include ./growth.lua
--- @args maxCounters
--- @args counters[]: counter growth
-- Records the growth of counters in the slot of the current five minutes (growth.lua). A slot keeps the
-- `max_counters` counters that grew most. Replies nothing.

write_in_ring(growth_ring(), SPAN_MS, now_ms(), function(slot)
  for number = 1, counters_count do
    local grown = counters_at(number)
    redis.call('ZINCRBY', slot, grown.growth, grown.counter)
  end
  redis.call('ZREMRANGEBYRANK', slot, 0, -max_counters - 1)
end)
