--- @include ../../../redis/lua/idempotency.lua
--- @include ./owner.lua
--- @keys owner
--- @args token
--- @reply ok: released
-- Releases a lock if the token is that of its owner; otherwise `released` is "0".

local first = first_reply()
if first then return first end

local is_owner = read_owner(OWNER_KEY) == token
if is_owner then redis.call('DEL', OWNER_KEY) end
return keep_reply({ 'ok', is_owner and '1' or '0' })
