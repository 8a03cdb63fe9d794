--- @include ../../../redis/lua/clock.lua
--- @keys deleted
--- @args keptMs
-- Forgets the webhooks that were deleted long enough ago: no node adds to their queues any more.

redis.call('ZREMRANGEBYSCORE', DELETED_KEY, '-inf', string.format('%.0f', now_ms() - tonumber(kept_ms)))
return 1
