-- Takes a counter out of the ranking by growth.
-- KEYS  1... growth over the last hour, and the ring of growth
-- ARGV  1 counter
-- Returns nothing.

for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end
