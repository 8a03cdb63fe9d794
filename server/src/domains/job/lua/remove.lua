--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @args job
--- @reply ok: removed
-- Removes a job in any state. `removed` is "0" when the queue has no such job.

local first = first_reply()
if first then return first end

local record = read_job(job)
if record then drop_job(job, record) end
return keep_reply({ 'ok', record and '1' or '0' })
