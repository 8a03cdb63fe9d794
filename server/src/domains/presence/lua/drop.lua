--- @include ./presence.lua
--- @include ../../../redis/lua/idempotency.lua
-- Ends what keep.lua began.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6 fingerprint  7 TTL of the kept answer  8 user
-- Returns {"ok"}, or {"not_kept"}.

local known = first_answer(KEYS[13], ARGV[6])
if known then return known end

local room = read_presence()
local user = ARGV[8]
if redis.call('ZREM', KEPT, user) == 0 then return { 'not_kept' } end
local record = record_of(user)
if not record or not is_held(user, record) then put_out(room, user) end
finish(room)
return answer(KEYS[13], ARGV[6], ARGV[7], { 'ok' })
