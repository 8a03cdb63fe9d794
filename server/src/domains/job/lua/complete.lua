--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @keys answer
--- @args fingerprint answerTtlMs job token
--- @reply ok: completed
-- Removes a job that its worker has carried out. `completed` is "0" when the token's worker does not have it.

local first = first_answer(ANSWER_KEY, fingerprint)
if first then return first end

local record = read_held(job, token)
if record then
  drop_job(job, record)
  keep_queue()
end
return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, { 'ok', record and '1' or '0' })
