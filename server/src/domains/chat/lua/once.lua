--- @include ../../../redis/lua/idempotency.lua
--- @keys answer
--- @args fingerprint answerTtlMs
-- Replies of a write under an idempotency key. Without a key, `fingerprint` is "".

-- Returns the reply to a repeated call; nil when the write is to run.
local function first_reply() return first_answer(ANSWER_KEY, fingerprint) end

-- Keeps a reply for repeated calls and returns it.
local function keep_reply(reply) return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, reply) end
