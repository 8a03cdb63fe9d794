--- @include ./owner.lua
--- @keys owner
--- @reply ok: fence remainingMs
-- Reads a lock. `fence` is "" when the lock is free.

local _, fence = read_owner(OWNER_KEY)
if not fence then return { 'ok', '', '0' } end
return { 'ok', fence, whole(redis.call('PTTL', OWNER_KEY)) }
