--- @include ../../../redis/lua/idempotency.lua
--- @include ./owner.lua
--- @keys owner
--- @args token ttlMs
--- @reply ok: remainingMs
--- @reply lost:
-- Sets the TTL of a lock again if `token` is the token of the lock's owner. Otherwise replies `lost`.
--   remainingMs  how long the lock is held from now; a repeated call sets no TTL, so it gets what is left

local first = first_reply()
if first then
  if first[1] == 'ok' then first[2] = remaining_ms(OWNER_KEY, token) end
  return first
end

if read_owner(OWNER_KEY) ~= token then return { 'lost' } end
redis.call('PEXPIRE', OWNER_KEY, ttl_ms)
return keep_reply({ 'ok', ttl_ms })
