--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @args job
--- @reply ok: retried
-- Makes a failed job due now, as if no attempt had been made. `retried` is "0" when the job has not failed.

local first = first_reply()
if first then return first end

local is_failed = redis.call('ZREM', FAILED_KEY, job) == 1
if is_failed then
  local record = read_job(job)
  record.attempt = 0
  wait_until(job, record, now_ms())
  keep_queue()
end
return keep_reply({ 'ok', is_failed and '1' or '0' })
