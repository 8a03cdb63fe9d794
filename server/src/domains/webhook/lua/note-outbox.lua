--- @include ../../../redis/lua/clock.lua
--- @keys outboxes
--- @args source
-- Lists an outbox, before anything is queued there, so that another node finds it if this one stops.

redis.call('ZADD', OUTBOXES_KEY, string.format('%.0f', now_ms()), source)
return 1
