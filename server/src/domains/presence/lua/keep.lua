--- @include ./presence.lua
--- @include ../../../redis/lua/idempotency.lua
-- Keeps a user in a room for a while, whatever nodes hold it.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6 fingerprint  7 TTL of the kept answer  8 user  9 for how many ms
--       10 state JSON, "null" for none, "" for as it is  11 profile, likewise
-- Returns {"ok", epoch, Redis's time in ms, {stay, since, stamp, state, profile} as JSON}, or {"forbidden"}.

local known = first_answer(KEYS[13], ARGV[6])
if known then return known end

local room = read_presence()
local user = ARGV[8]
if not role_in(room, user, room.now) then return { 'forbidden' } end

local record = record_of(user)
local is_known = record ~= nil and redis.call('ZSCORE', PRESENT, user) ~= false
if not is_known then record = { whole(room.now), whole(room.now), '', '' } end
local is_changed = dress(room, record, ARGV[10], ARGV[11])
if not is_known then join(room, user, record)
elseif is_changed then change(room, 'u', user, record) end
-- A grace that lasts longer is not cut short.
local ends_at = math.max(room.now + tonumber(ARGV[9]), tonumber(redis.call('ZSCORE', GRACE, user) or 0))
redis.call('ZREM', GRACE, user)
redis.call('ZADD', KEPT, whole(ends_at), user)
keep_record(user, record)
finish(room)
return answer(KEYS[13], ARGV[6], ARGV[7], { 'ok', room.epoch, whole(room.now), shown(user, record) })
