--- @include ../../../redis/lua/idempotency.lua
--- @include ./owner.lua
--- @keys owner
--- @args token ttlMs
--- @reply ok:
--- @reply lost:
-- Sets the TTL of a lock again if `token` is the token of the lock's owner. Otherwise replies `lost`.

local first = first_reply()
if first then return first end

if read_owner(OWNER_KEY) ~= token then return { 'lost' } end
redis.call('PEXPIRE', OWNER_KEY, ttl_ms)
return keep_reply({ 'ok' })
