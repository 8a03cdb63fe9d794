--- @include ../../../redis/lua/idempotency.lua
--- @keys answer
--- @args fingerprint answerTtlMs
-- Makes a write run once per idempotency key. `fingerprint` is "" for a call without a key.

-- Returns the reply for a call that repeats an idempotency key; nil if the write must run.
local function first_reply() return first_answer(ANSWER_KEY, fingerprint) end

-- Keeps a reply for repeated calls and returns it.
local function keep_reply(reply) return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, reply) end
