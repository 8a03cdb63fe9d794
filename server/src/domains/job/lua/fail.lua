--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @keys answer
--- @args fingerprint answerTtlMs job token reason retry
--- @reply ok: state delayMs
--- @reply lost:
-- Gives a taken job back: it waits for its next attempt, or has failed for good.
--   retry  "0" when there is to be no further attempt

local first = first_answer(ANSWER_KEY, fingerprint)
if first then return first end

local record = read_held(job, token)
if not record then return { 'lost' } end
record.reason = reason
local reply
if retry == '0' or record.attempt >= record.attempts then
  give_up(job, record, now_ms())
  reply = { 'ok', 'failed', '0' }
else
  local delay_ms = backoff_of(record)
  wait_until(job, record, now_ms() + delay_ms)
  reply = { 'ok', 'delayed', whole(delay_ms) }
end
keep_queue()
return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, reply)
