--- @include ../../redis/lua/idempotency.lua
--- @include ./publish.lua
--- @keys record fetch
--- @args user staleMs
--- @reply ok:
-- Makes a fetched profile stale on all nodes. The stale profile is shown until the next fetch has ended.
-- claim.lua derives the age of a record from its remaining TTL, and a record with a TTL of `stale_ms` is
-- stale. So this script cuts the TTL to `stale_ms`.

local first = first_reply()
if first then return first end
-- A node that is fetching the profile may have read the old profile. This deletes the node's claim to fetch
-- (claim.lua), so keep.lua drops what the node fetched.
redis.call('DEL', FETCH_KEY)
local since = string.match(redis.call('GET', RECORD_KEY) or '', '^(%d+) ')
if since then
  if redis.call('PTTL', RECORD_KEY) > tonumber(stale_ms) then
    redis.call('PEXPIRE', RECORD_KEY, stale_ms)
  end
  publish_profile(user, since, 'stale')
end
return keep_reply({ 'ok' })
