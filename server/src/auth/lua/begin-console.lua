--- @include ../../redis/lua/clock.lua
--- @keys record
--- @args key signIn ttlMs
-- Stores a sign-in to the console, or one of its access tokens. Returns the end of the record, in ms since
-- 1970.
--   key     the id of the API key
--   signIn  for an access token, the id of the sign-in to which the token belongs; "" for a sign-in itself

local ends_at = string.format('%.0f', now_ms() + ttl_ms)
redis.call('HSET', RECORD_KEY, 'key', key, 'signIn', sign_in, 'endsAt', ends_at)
redis.call('PEXPIRE', RECORD_KEY, ttl_ms)
return ends_at
