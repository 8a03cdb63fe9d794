--- @include ../../redis/lua/clock.lua
--- @include ../../redis/lua/idempotency.lua
--- @include ./publish.lua
--- @keys record answer
--- @args user fingerprint answerTtlMs profile sinceMs ttlMs
--- @reply ok: sinceNow profileNow
-- Sets a user's profile. `since_ms` is the time from which it is valid, "" for now; a stored profile with the
-- same or a later time stays. Replies the profile that is stored afterwards. read.lua describes the record.

local first = first_answer(ANSWER_KEY, fingerprint)
if first then return first end

local since = since_ms == '' and now_ms() or tonumber(since_ms)
local since_before, before = string.match(redis.call('GET', RECORD_KEY) or '', '^(%d+) (.*)$')
if since_before and profile ~= before and since_ms ~= '' and since <= tonumber(since_before) then
  return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, { 'ok', since_before, before })
end
-- Redis's clock may have been set back. The time of a record must not decrease, because nodes ignore a
-- message with an earlier time than that of the profile in their cache.
local text = string.format('%.0f', math.max(since, tonumber(since_before or 0)))
redis.call('SET', RECORD_KEY, text .. ' ' .. profile, 'PX', ttl_ms)
if profile ~= before then publish_profile(user, text, profile) end
return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, { 'ok', text, profile })
