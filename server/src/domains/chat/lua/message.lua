--- @include ./room.lua
--- @args offset
--- @reply ok: message
-- Reads one message as it is now; "" when the room no longer keeps it.

local room = read_room()
local encoded = encoded_at(room, tonumber(offset))
local is_message = encoded and cjson.decode(encoded)[1] == 'm'
return { 'ok', is_message and encoded or '' }
