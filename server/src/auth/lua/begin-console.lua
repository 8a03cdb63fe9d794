--- @include ../../redis/lua/clock.lua
--- @keys record
--- @args key signIn ttlMs
-- Stores a sign-in to the console, or one of its access tokens. `key` is the id of the API key; `sign_in` is
-- that of the sign-in to which an access token belongs, "" for a sign-in. Returns when it ends, in ms.

local ends_at = string.format('%.0f', now_ms() + ttl_ms)
redis.call('HSET', RECORD_KEY, 'key', key, 'signIn', sign_in, 'endsAt', ends_at)
redis.call('PEXPIRE', RECORD_KEY, ttl_ms)
return ends_at
