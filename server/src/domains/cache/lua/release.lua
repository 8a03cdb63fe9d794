--- @include ../../../redis/lua/idempotency.lua
--- @keys load
--- @args token
--- @reply ok: released
-- Ends a load without storing a value, so that another caller can load. `released` is "0" when the token is
-- not that of the current load.

local first = first_reply()
if first then return first end

local is_owner = string.match(redis.call('GET', LOAD_KEY) or '', '^%S+') == token
if is_owner then redis.call('DEL', LOAD_KEY) end
return keep_reply({ 'ok', is_owner and '1' or '0' })
