--- @include ../../../redis/lua/idempotency.lua
--- @include ./owner.lua
--- @keys owner fence answer
--- @args fingerprint answerTtlMs token ttlMs memoryMs
--- @reply ok: fence owner
--- @reply held: remainingMs
-- Acquires a lock if it is free. The fencing number is larger than every earlier one. Where Redis no longer
-- has the last one, it is the time in microseconds, which no earlier number reached.
--   owner     the token; a repeat gets that of the first call
--   memoryMs  how long the last fencing number is kept

local first = first_answer(ANSWER_KEY, fingerprint)
if first then return first end

if read_owner(OWNER_KEY) then return { 'held', whole(redis.call('PTTL', OWNER_KEY)) } end
local last = tonumber(redis.call('GET', FENCE_KEY) or 0)
local time = redis.call('TIME')
local fence = whole(math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('SET', FENCE_KEY, fence, 'PX', memory_ms)
redis.call('SET', OWNER_KEY, token .. ' ' .. fence, 'PX', ttl_ms)
return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, { 'ok', fence, token })
