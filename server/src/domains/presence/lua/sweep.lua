--- @include ./presence.lua
-- Takes users from a node that is gone. Those whom nothing else holds have their grace.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6 since when the node is gone, in ms; "" for now  7 how many users at most
-- Returns {"ok", ms until the room has to be looked at or "", "1" when there are more}.

local room = read_presence()
local gone_at = ARGV[6] == '' and room.now or tonumber(ARGV[6])
for _, user in ipairs(redis.call('SRANDMEMBER', HELD, ARGV[7])) do
  release(room, user, gone_at + GRACE_MS)
end
local is_left = redis.call('EXISTS', HELD) == 1
if not is_left then redis.call('HDEL', NODES, NODE) end
finish(room)
return { 'ok', next_look(room), is_left and '1' or '0' }
