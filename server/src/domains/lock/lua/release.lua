--- @include ../../../redis/lua/idempotency.lua
--- @include ./owner.lua
--- @keys owner answer
--- @args fingerprint answerTtlMs token
--- @reply ok: released
-- Releases a lock if the token is that of its owner; otherwise `released` is "0".

local first = first_answer(ANSWER_KEY, fingerprint)
if first then return first end

local is_owner = read_owner(OWNER_KEY) == token
if is_owner then redis.call('DEL', OWNER_KEY) end
return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, { 'ok', is_owner and '1' or '0' })
