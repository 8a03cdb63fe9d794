--- @include ../../redis/lua/idempotency.lua
--- @include ./publish.lua
--- @keys record fetch answer
--- @args user fingerprint answerTtlMs staleMs
--- @reply ok:
-- Makes a fetched profile stale, on all nodes. It is shown until the next fetch has ended.
--   staleMs  the remaining time of a record that is no longer fresh

local first = first_answer(ANSWER_KEY, fingerprint)
if first then return first end
-- The fetch that is under way may have read the old profile.
redis.call('DEL', FETCH_KEY)
local since = string.match(redis.call('GET', RECORD_KEY) or '', '^(%d+) ')
if since then
  if redis.call('PTTL', RECORD_KEY) > tonumber(stale_ms) then
    redis.call('PEXPIRE', RECORD_KEY, stale_ms)
  end
  publish_profile(user, since, 'stale')
end
return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, { 'ok' })
