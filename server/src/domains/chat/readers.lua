--- @include ./room.lua
-- Which users may see a room.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  7... users
-- Returns {"ok", "1" or "0" for each}.

local room = read_room()
local now = now_ms()
local reply = { 'ok' }
for at = 7, #ARGV do reply[#reply + 1] = role_in(room, ARGV[at], now) and '1' or '0' end
return reply
