--- @include ./log.lua
-- Deletes a room. Whoever follows it goes on in a new epoch.
-- KEYS  as room.lua
-- ARGV  as room.lua
-- Returns {"ok"}, or {"no_room"}.

local known = first_answer(KEPT, FINGERPRINT)
if known then return known end

local deleted = redis.call('UNLINK', META, LOG, INDEX, REACTORS, READ_MARKS, MEMBERS, BANS, MUTES)
if deleted == 0 then return { 'no_room' } end
redis.call(PUBLISH, TOPIC, 'access ')
return answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok' })
