--- @include ./presence.lua
-- Which users may see a room.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6... users
-- Returns {"ok", "1" or "0" for each}.

local room = read_presence()
local reply = { 'ok' }
for at = 6, #ARGV do reply[#reply + 1] = role_in(room, ARGV[at], room.now) and '1' or '0' end
return reply
