--- @include ../../../redis/lua/idempotency.lua
--- @include ../../../redis/lua/clock.lua
--- @keys endpoints deleted topic
--- @args publishCommand id
--- @reply ok:
--- @reply not_found:
-- Deletes a webhook. Its id stays in the ZSET `deleted` for a while, so that sweeps of webhooks find its
-- queue and remove it. Then forget-deleted.lua removes the id.

local first = first_reply()
if first then return first end

if redis.call('HDEL', ENDPOINTS_KEY, id) == 0 then return { 'not_found' } end
redis.call('ZADD', DELETED_KEY, string.format('%.0f', now_ms()), id)
redis.call(publish_command, TOPIC_KEY, id)
return keep_reply({ 'ok' })
