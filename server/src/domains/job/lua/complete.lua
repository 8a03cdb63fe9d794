--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @args job token
--- @reply ok: completed
-- Removes a job that its worker has carried out. `completed` is "0" when the worker with `token` no
-- longer has the job (read_held in queue.lua).

local first = first_reply()
if first then return first end

local record = read_held(job, token)
if record then
  drop_job(job, record)
  keep_queue()
end
return keep_reply({ 'ok', record and '1' or '0' })
