--- @include ../../../redis/lua/idempotency.lua
--- @keys load answer
--- @args fingerprint answerTtlMs token
--- @reply ok: released
-- Ends the load of a caller without a value.

local first = first_answer(ANSWER_KEY, fingerprint)
if first then return first end

local is_owner = string.match(redis.call('GET', LOAD_KEY) or '', '^%S+') == token
if is_owner then redis.call('DEL', LOAD_KEY) end
return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, { 'ok', is_owner and '1' or '0' })
