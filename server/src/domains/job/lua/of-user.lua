--- @include ./queue.lua
--- @args user after limit
--- @reply ok: jobs...
-- Reads a page of the jobs that are about a user, in the order of their ids. The reply has for each job the
-- values that `append_job` adds (queue.lua).
--   user   percent-encoded
--   after  the last job of the page before; "" for the first page

local jobs = {}
-- The members of the ZSET are "<user> <job>" in ASCII. "~" sorts after every character of a job's id, so the
-- range ends after the user's last job.
local from, to = '(' .. user .. ' ' .. after, '[' .. user .. ' ~'
for _, member in ipairs(redis.call('ZRANGEBYLEX', USERS_KEY, from, to, 'LIMIT', 0, limit)) do
  local job = string.sub(member, #user + 2)
  append_job(jobs, job, read_job(job))
end
return { 'ok', unpack(jobs) }
