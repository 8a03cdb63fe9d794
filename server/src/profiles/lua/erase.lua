--- @include ../../redis/lua/clock.lua
--- @include ./publish.lua
--- @keys record fetch
--- @args user
--- @reply ok: erased
-- Deletes a user's profile, and publishes "" in its place, so that the caches of the nodes drop it too.

local erased = redis.call('DEL', RECORD_KEY)
redis.call('DEL', FETCH_KEY)
publish_profile(user, string.format('%.0f', now_ms()), '')
return { 'ok', string.format('%.0f', erased) }
