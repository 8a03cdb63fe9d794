--- @include ../../redis/lua/clock.lua
--- @include ../../redis/lua/idempotency.lua
--- @include ./publish.lua
--- @keys record
--- @args user profile ttlMs
--- @reply ok: storedSince storedProfile
-- Sets a user's profile. Replies the record that is stored afterwards: `storedSince` is its time, in ms since
-- 1970, and `storedProfile` is the profile as JSON. A repeat with the same idempotency key changes nothing.
-- It replies the record that is stored at the time of the repeat; "0" and "" if there is none.

local since_before, before = string.match(redis.call('GET', RECORD_KEY) or '', '^(%d+) (.*)$')
local first = first_reply()
if first and first[1] == 'idempotency' then return first end
if first then return { 'ok', since_before or '0', before or '' } end
-- Redis's clock may have been set back. The time of a record must not decrease, because nodes ignore a
-- message with an earlier time than that of the profile in their cache.
local since = string.format('%.0f', math.max(now_ms(), tonumber(since_before or 0)))
redis.call('SET', RECORD_KEY, since .. ' ' .. profile, 'PX', ttl_ms)
if profile ~= before then publish_profile(user, since, profile) end
-- The kept reply contains no profile, because the reply outlives an erasure of the user.
keep_reply({ 'ok' })
return { 'ok', since, profile }
