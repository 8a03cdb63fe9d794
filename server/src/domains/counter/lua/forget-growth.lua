--- @include ./growth.lua
--- @keys hour
--- @args counter
-- Removes a counter from the ranking by growth. Replies nothing.

redis.call('ZREM', HOUR_KEY, counter)
for _, slot in ipairs(growth_ring()) do
  redis.call('ZREM', slot, counter)
end
