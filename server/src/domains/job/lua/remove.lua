--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @keys answer
--- @args fingerprint answerTtlMs job
--- @reply ok: removed
-- Removes a job in any state. `removed` is "0" when the queue has no such job.

local first = first_answer(ANSWER_KEY, fingerprint)
if first then return first end

local record = read_job(job)
if record then drop_job(job, record) end
return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, { 'ok', record and '1' or '0' })
