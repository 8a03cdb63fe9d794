--- @include ../../redis/lua/clock.lua
--- @include ./publish.lua
--- @keys record fetch
--- @args user token profile retainMs
--- @reply ok: isKept storedSince
-- A node that fetches a profile has a claim: its `token` in the key `fetch`. This script stores the fetched
-- profile and ends the claim. The node loses its claim when the fetch takes too long, or when the profile is
-- invalidated or erased. After that, the fetched profile is dropped and `isKept` is "0".
-- `storedSince` is when the profile was stored, in ms since 1970.

if redis.call('GET', FETCH_KEY) ~= token then return { 'ok', '0', '0' } end
redis.call('DEL', FETCH_KEY)
local since_before = string.match(redis.call('GET', RECORD_KEY) or '', '^(%d+) ')
local text = string.format('%.0f', math.max(now_ms(), tonumber(since_before or 0)))
redis.call('SET', RECORD_KEY, text .. ' ' .. profile, 'PX', retain_ms)
publish_profile(user, text, profile)
return { 'ok', '1', text }
