--- @include ./room.lua
-- Who may see a room.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8... for each: user, and what its credentials make of it, as in room.lua
-- Returns {"ok", "1" or "0" for each}.

local room = read_room()
local now = now_ms()
local reply = { 'ok' }
for at = 8, #ARGV, 2 do reply[#reply + 1] = role_granted(ARGV[at + 1], room, ARGV[at], now) and '1' or '0' end
return reply
