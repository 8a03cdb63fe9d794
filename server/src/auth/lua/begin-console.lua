--- @include ../../redis/lua/clock.lua
--- @keys record
--- @args key signIn ttlMs
-- Stores a sign-in to the console, or one of its access tokens. `key` is the id of the API key. `sign_in` is
-- "" for a sign-in; for an access token it is the id of the sign-in. Returns the end of the record, in ms
-- since 1970.

local ends_at = string.format('%.0f', now_ms() + ttl_ms)
redis.call('HSET', RECORD_KEY, 'key', key, 'signIn', sign_in, 'endsAt', ends_at)
redis.call('PEXPIRE', RECORD_KEY, ttl_ms)
return ends_at
