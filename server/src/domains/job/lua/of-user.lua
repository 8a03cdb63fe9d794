--- @include ./queue.lua
--- @args user after limit
--- @reply ok: jobs...
-- Reads some of the jobs that are about a user: what a worker receives for each.
--   user   encoded
--   after  the job after which they begin; "" for the first

local jobs = {}
-- The encoded id and a job's id are ASCII.
local from, to = '(' .. user .. ' ' .. after, '[' .. user .. ' ~'
for _, member in ipairs(redis.call('ZRANGEBYLEX', USERS_KEY, from, to, 'LIMIT', 0, limit)) do
  local job = string.sub(member, #user + 2)
  append_job(jobs, job, read_job(job))
end
return { 'ok', unpack(jobs) }
