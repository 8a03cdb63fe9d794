--- @include ../../../redis/lua/idempotency.lua
--- @keys endpoints topic
--- @args publishCommand id fields
--- @reply ok: id stored
--- @reply not_found:
-- Changes a webhook. `fields` is a JSON object with the fields to change.

local first = first_reply()
if first then return first end

local known = redis.call('HGET', ENDPOINTS_KEY, id)
if not known then return { 'not_found' } end
local webhook = cjson.decode(known)
for name, value in pairs(cjson.decode(fields)) do
  webhook[name] = value
end
local stored = cjson.encode(webhook)
redis.call('HSET', ENDPOINTS_KEY, id, stored)
redis.call(publish_command, TOPIC_KEY, id)
return keep_reply({ 'ok', id, stored })
