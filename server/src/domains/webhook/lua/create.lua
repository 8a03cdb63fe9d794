--- @include ../../../redis/lua/idempotency.lua
--- @include ../../../redis/lua/clock.lua
--- @keys endpoints topic
--- @args publishCommand id fields maxWebhooks
--- @reply ok: id stored
--- @reply full:
-- Creates a webhook. `fields` is the webhook's JSON without `createdAt`. The script adds `createdAt`, the
-- time in ms as a string.

local first = first_reply()
if first then return first end

if redis.call('HLEN', ENDPOINTS_KEY) >= tonumber(max_webhooks) then return { 'full' } end
local webhook = cjson.decode(fields)
webhook.createdAt = string.format('%.0f', now_ms())
local stored = cjson.encode(webhook)
redis.call('HSET', ENDPOINTS_KEY, id, stored)
redis.call(publish_command, TOPIC_KEY, id)
return keep_reply({ 'ok', id, stored })
