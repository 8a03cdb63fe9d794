--- @include ../../redis/lua/clock.lua
--- @include ./publish.lua
--- @keys record fetch
--- @args user
--- @reply ok: erased
-- Removes a user's profile, from the memory of the nodes too.

local erased = redis.call('DEL', RECORD_KEY)
redis.call('DEL', FETCH_KEY)
publish_profile(user, string.format('%.0f', now_ms()), '')
return { 'ok', string.format('%.0f', erased) }
