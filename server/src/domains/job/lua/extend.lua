--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @args job token leaseMs
--- @reply ok:
--- @reply lost:
-- Extends the lease of a taken job. Replies `lost` when the token's worker does not have the job.

local first = first_reply()
if first then return first end

if not read_held(job, token) then return { 'lost' } end
redis.call('ZADD', TAKEN_KEY, now_ms() + lease_ms, job)
keep_queue()
return keep_reply({ 'ok' })
