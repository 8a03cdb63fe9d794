--- @include ./queue.lua
--- @args state offset limit
--- @reply ok: waiting delayed taken failed jobs...
-- Counts the jobs in each state, and reads a page of the jobs in one state. The reply has for each job the
-- values that `append_job` adds (queue.lua), a time, and the reason why the last attempt failed. The time is
-- when a waiting or delayed job is due, when the lease of a taken job ends, or when a failed job failed.

local now = now_ms()
local ranges = {
  waiting = { 'ZRANGEBYSCORE', DUE_KEY, '-inf', now },
  delayed = { 'ZRANGEBYSCORE', DUE_KEY, '(' .. whole(now), '+inf' },
  taken = { 'ZRANGEBYSCORE', TAKEN_KEY, '-inf', '+inf' },
  failed = { 'ZREVRANGEBYSCORE', FAILED_KEY, '+inf', '-inf' },
}
local command, key, from, to = unpack(ranges[state])
local found = redis.call(command, key, from, to, 'WITHSCORES', 'LIMIT', offset, limit)
local jobs = {}
for at = 1, #found, 2 do
  local record = read_job(found[at])
  append_job(jobs, found[at], record)
  jobs[#jobs + 1] = whole(found[at + 1])
  jobs[#jobs + 1] = record.reason
end
return {
  'ok',
  whole(redis.call('ZCOUNT', DUE_KEY, '-inf', now)),
  whole(redis.call('ZCOUNT', DUE_KEY, '(' .. whole(now), '+inf')),
  whole(redis.call('ZCARD', TAKEN_KEY)),
  whole(redis.call('ZCARD', FAILED_KEY)),
  unpack(jobs),
}
