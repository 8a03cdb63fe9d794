--- @include ./presence.lua
-- Who may see a room.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6... for each: user, and what its credentials make of it, as in room-access.lua
-- Returns {"ok", "1" or "0" for each}.

local room = read_presence()
local reply = { 'ok' }
for at = 6, #ARGV, 2 do
  reply[#reply + 1] = role_granted(ARGV[at + 1], room, ARGV[at], room.now) and '1' or '0'
end
return reply
