--- @include ../../../redis/lua/idempotency.lua
--- @include ./queue.lua
--- @args job token leaseMs
--- @reply ok: remainingMs
--- @reply lost:
-- Extends the lease of a taken job. Replies `lost` when the token's worker does not have the job.
--   remainingMs  how long the worker has the job from now; a repeated call extends nothing, so it gets what
--                is left, or "0" when the worker does not have the job any more

local first = first_reply()
if first then
  if first[1] == 'ok' then
    local ends_at = read_held(job, token) and redis.call('ZSCORE', TAKEN_KEY, job) or 0
    first[2] = whole(math.max(0, ends_at - now_ms()))
  end
  return first
end

if not read_held(job, token) then return { 'lost' } end
redis.call('ZADD', TAKEN_KEY, now_ms() + lease_ms, job)
keep_queue()
return keep_reply({ 'ok', lease_ms })
