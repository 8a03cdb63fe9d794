--- @include ./access.lua
-- Makes a user a member, or changes the role.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 the user  9 role
-- Returns {"ok"}, or {"forbidden"}, {"not_moderator"}.

local known = first_answer(KEPT, FINGERPRINT)
if known then return known end

local room = read_room()
local role = role_of_caller(room, now_ms())
if not role then return { 'forbidden' } end
local is_plain = ARGV[9] == 'member' and redis.call('HGET', MEMBERS, ARGV[8]) ~= 'moderator'
if role ~= 'server' and not (role == 'moderator' and is_plain) then return { 'not_moderator' } end
redis.call('HSET', MEMBERS, ARGV[8], ARGV[9])
return answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok' })
