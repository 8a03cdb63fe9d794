--- @include ../../../redis/lua/clock.lua
--- @include ./growth.lua
-- Notes by how much counters grew.
-- KEYS  1... ring of growth
-- ARGV  1 how many counters a slot keeps  2... for each counter: growth, counter
-- Returns nothing.

write_in_ring(KEYS, SPAN_MS, now_ms(), function(slot)
  for at = 2, #ARGV, 2 do redis.call('ZINCRBY', slot, ARGV[at], ARGV[at + 1]) end
  -- Those that grew least make room.
  redis.call('ZREMRANGEBYRANK', slot, 0, -ARGV[1] - 1)
end)
