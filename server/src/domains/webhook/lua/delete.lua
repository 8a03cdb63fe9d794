--- @include ../../../redis/lua/idempotency.lua
--- @include ../../../redis/lua/clock.lua
--- @keys endpoints deleted topic
--- @args publishCommand id
--- @reply ok:
--- @reply not_found:
-- Deletes a webhook. The webhook's id stays in the ZSET `deleted` for a while: nodes regularly remove the
-- queues of the webhooks that are listed there. Later, forget-deleted.lua removes the id.

local first = first_reply()
if first then return first end

if redis.call('HDEL', ENDPOINTS_KEY, id) == 0 then return { 'not_found' } end
redis.call('ZADD', DELETED_KEY, string.format('%.0f', now_ms()), id)
redis.call(publish_command, TOPIC_KEY, id)
return keep_reply({ 'ok' })
