--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @args job payload user delayMs attempts backoffMs pendingLimit
--- @reply ok: job added
--- @reply full:
-- Adds a job. `added` is "0" when the queue already has a job with this id that has not failed; a failed one
-- is replaced. Replies `full` when the queue has `pendingLimit` jobs that have not failed.
--   user  the user that the job is about, percent-encoded; "" for none

local first = first_reply()
if first then return first end

local known = read_job(job)
if known and not redis.call('ZSCORE', FAILED_KEY, job) then return keep_reply({ 'ok', job, '0' }) end
local pending = redis.call('HLEN', RECORDS_KEY) - redis.call('ZCARD', FAILED_KEY)
if pending >= tonumber(pending_limit) then return { 'full' } end

if known then drop_job(job, known) end
local record = {
  attempt = 0,
  attempts = tonumber(attempts),
  backoff = tonumber(backoff_ms),
  token = '',
  user = user,
  reason = '',
}
write_job(job, record)
redis.call('HSET', PAYLOADS_KEY, job, payload)
redis.call('ZADD', DUE_KEY, now_ms() + delay_ms, job)
if user ~= '' then redis.call('ZADD', USERS_KEY, 0, user .. ' ' .. job) end
keep_queue()
return keep_reply({ 'ok', job, '1' })
