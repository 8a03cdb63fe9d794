--- @include ./presence.lua
-- Ends the graces and the keepings that are over.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6 how many of each at most
-- Returns {"ok", ms until the room has to be looked at or ""}, and of each of as many stays that ended and that nobody
-- has noted yet, {user, epoch, stay, ms when it ended} as JSON.

local room = read_presence()
local function over(ends)
  return redis.call('ZRANGEBYSCORE', ends, '-inf', whole(room.now), 'LIMIT', 0, ARGV[6])
end

for _, user in ipairs(over(GRACE)) do put_out(room, user) end
for _, user in ipairs(over(KEPT)) do
  redis.call('ZREM', KEPT, user)
  local record = record_of(user)
  if not record or not is_held(user, record) then put_out(room, user) end
end
finish(room)
return { 'ok', next_look(room), unpack(redis.call('SRANDMEMBER', LEAVING, ARGV[6])) }
