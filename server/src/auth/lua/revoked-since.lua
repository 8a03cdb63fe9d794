--- @include ../../redis/lua/clock.lua
--- @keys revokedUsers ended
--- @args sinceMs
-- Reads the revocations since `since_ms`, and the time now. If `since_ms` is "+inf", reads only the time now.
-- Returns {now in ms, {user, time, ...}, {"session:<id>" or "key:<id>", time, ...}}.

local function since(key) return redis.call('ZRANGEBYSCORE', key, since_ms, '+inf', 'WITHSCORES') end
return { string.format('%.0f', now_ms()), since(REVOKED_USERS_KEY), since(ENDED_KEY) }
