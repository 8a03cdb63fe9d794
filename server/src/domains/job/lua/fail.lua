--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @args job token reason retry
--- @reply ok: state delayMs
--- @reply lost:
-- Records that an attempt failed. The job waits for its next attempt. If it has no attempts left, it becomes
-- a failed job. Replies `lost` when the worker with this token no longer has the job.
--   retry    "0" to make the job a failed one even if it has attempts left
--   state    "delayed" or "failed"
--   delayMs  the time until the next attempt; "0" for a failed job

local first = first_reply()
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
return keep_reply(reply)
