--- @include ../../../redis/lua/clock.lua
--- @keys deleted
--- @args keptMs
-- Removes from `deleted` the webhooks that were deleted more than `kept_ms` ago. Nodes repeatedly remove the
-- queues of the webhooks in `deleted`, because a node that did not know of a deletion may have added to a
-- queue. After `kept_ms` every node knows of the deletion.

redis.call('ZREMRANGEBYSCORE', DELETED_KEY, '-inf', string.format('%.0f', now_ms() - tonumber(kept_ms)))
return 1
