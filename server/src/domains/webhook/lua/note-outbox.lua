--- @include ../../../redis/lua/clock.lua
--- @keys outboxes
--- @args source
-- Puts the event outbox of `source` (a board, room, counter or user) on the list of outboxes. A node does
-- this before it queues an event in the outbox, so that another node finds the event if the first node stops.

redis.call('ZADD', OUTBOXES_KEY, string.format('%.0f', now_ms()), source)
return 1
