--- @include ./queue.lua
--- @keys took
--- @args token limit leaseMs
--- @reply ok: nextMs jobs...
-- Takes up to `limit` jobs that are due, for the worker with the token. If the token still has jobs that it
-- took in the last `lease_ms`, the reply has only these jobs. So a repeated call takes no further jobs.
--   took    SET that expires `lease_ms` after a take: the jobs that were taken with this token
--   nextMs  the time until the next job is due or the next lease ends; "" when the queue has neither

local ENDED_LEASES = 100
local now = now_ms()

-- Jobs whose lease has ended, such as those of a worker that died: each waits for its next attempt, or
-- becomes a failed job. One run treats at most ENDED_LEASES of them; later runs treat the rest.
local ended = redis.call('ZRANGEBYSCORE', TAKEN_KEY, '-inf', now, 'LIMIT', 0, ENDED_LEASES)
for _, job in ipairs(ended) do
  local record = read_job(job)
  record.reason = 'The worker neither completed the job nor extended its lease'
  if record.attempt >= record.attempts then
    give_up(job, record, now)
  else
    wait_until(job, record, now)
  end
end

local jobs = {}
for _, job in ipairs(redis.call('SMEMBERS', TOOK_KEY)) do
  local record = read_held(job, token)
  if record then append_job(jobs, job, record) end
end
if #jobs == 0 then
  for _, job in ipairs(redis.call('ZRANGEBYSCORE', DUE_KEY, '-inf', now, 'LIMIT', 0, limit)) do
    local record = read_job(job)
    record.attempt = record.attempt + 1
    record.token = token
    write_job(job, record)
    redis.call('ZREM', DUE_KEY, job)
    redis.call('ZADD', TAKEN_KEY, now + lease_ms, job)
    redis.call('SADD', TOOK_KEY, job)
    append_job(jobs, job, record)
  end
  if #jobs > 0 then redis.call('PEXPIRE', TOOK_KEY, lease_ms) end
end
if #ended > 0 or #jobs > 0 then keep_queue() end

local next_at
for _, key in ipairs({ DUE_KEY, TAKEN_KEY }) do
  local at = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  if at and (not next_at or at < next_at) then next_at = at end
end
return { 'ok', next_at and whole(math.max(0, next_at - now)) or '', unpack(jobs) }
