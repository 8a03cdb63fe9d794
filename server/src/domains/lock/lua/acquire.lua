--- @include ../../../redis/lua/idempotency.lua
--- @include ./owner.lua
--- @keys owner fence
--- @args token ttlMs memoryMs
--- @reply ok: fence owner remainingMs
--- @reply held: remainingMs
-- Acquires a lock if it is free. The fencing number is the time in microseconds, or the last number plus one
-- if that is larger. So it is larger than every earlier number. This holds even after Redis has lost the last
-- number, unless Redis's clock was also set back.
--   owner        the token of the new owner; a repeated call gets the token of its first call
--   remainingMs  how long that owner still holds the lock; "0" when it does not hold it any more
--   memoryMs     how long Redis keeps the last fencing number

local first = first_reply()
if first then
  if first[1] == 'ok' then first[4] = remaining_ms(OWNER_KEY, first[3]) end
  return first
end

if read_owner(OWNER_KEY) then return { 'held', whole(redis.call('PTTL', OWNER_KEY)) } end
local last = tonumber(redis.call('GET', FENCE_KEY) or 0)
local time = redis.call('TIME')
local fence = whole(math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('SET', FENCE_KEY, fence, 'PX', memory_ms)
redis.call('SET', OWNER_KEY, token .. ' ' .. fence, 'PX', ttl_ms)
return keep_reply({ 'ok', fence, token, ttl_ms })
