--- @include ./room.lua
--- @args offset
--- @reply ok: message
-- Reads the message at an offset, encoded as in log.lua; "" when the room has no message there any more.

local room = read_room()
local encoded = encoded_at(room, tonumber(offset))
local is_message = encoded and cjson.decode(encoded)[1] == 'm'
return { 'ok', is_message and encoded or '' }
