--- @include ../../redis/lua/clock.lua
--- @include ../../redis/lua/idempotency.lua
--- @keys revoked topic apiKeys
--- @args id kind memoryMs publishCommand
--- @reply ok: atMs
-- Records a revocation for `memory_ms`, publishes it to all nodes, and deletes a revoked API key. `kind` is
-- "user", "session" or "key". For the kind "user", `revoked` is the ZSET of revoked users; for the other two
-- kinds, it is the ZSET of revoked sessions and keys.

local first = first_reply()
if first then return first end

local now = now_ms()
local at = string.format('%.0f', now)
local member = id
if kind ~= 'user' then member = kind .. ':' .. id end
redis.call('ZREMRANGEBYSCORE', REVOKED_KEY, '-inf', string.format('(%.0f', now - tonumber(memory_ms)))
redis.call('ZADD', REVOKED_KEY, at, member)
redis.call('PEXPIRE', REVOKED_KEY, memory_ms)
if kind == 'key' then redis.call('HDEL', API_KEYS_KEY, id) end
redis.call(publish_command, TOPIC_KEY, at .. ' ' .. kind .. ':' .. id)
return keep_reply({ 'ok', at })
