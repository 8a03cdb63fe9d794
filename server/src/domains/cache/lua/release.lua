--- @include ../../../redis/lua/idempotency.lua
--- @keys load
--- @args token
--- @reply ok: released
-- Ends a load without storing a value, so that another caller can load. A load is one caller's turn to
-- produce a missing value. `released` is "0" when `token` does not belong to the current load.

local first = first_reply()
if first then return first end

local is_owner = string.match(redis.call('GET', LOAD_KEY) or '', '^%S+') == token
if is_owner then redis.call('DEL', LOAD_KEY) end
return keep_reply({ 'ok', is_owner and '1' or '0' })
