--- @include ../../../redis/lua/idempotency.lua
--- @include ./owner.lua
--- @keys owner
--- @args token ttlMs
--- @reply ok:
--- @reply lost:
-- Sets the TTL of a lock again if the token is that of its owner; otherwise replies `lost`.

local first = first_reply()
if first then return first end

if read_owner(OWNER_KEY) ~= token then return { 'lost' } end
redis.call('PEXPIRE', OWNER_KEY, ttl_ms)
return keep_reply({ 'ok' })
