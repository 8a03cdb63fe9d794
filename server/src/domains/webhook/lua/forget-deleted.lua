--- @include ../../../redis/lua/clock.lua
--- @keys deleted
--- @args keptMs
-- Removes from `deleted` the webhooks that were deleted more than `kept_ms` ago. No node adds to their queues
-- any more, so the queues need not be removed again.

redis.call('ZREMRANGEBYSCORE', DELETED_KEY, '-inf', string.format('%.0f', now_ms() - tonumber(kept_ms)))
return 1
