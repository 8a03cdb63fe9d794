--- @include ./presence.lua
--- @args user
--- @reply ok: member
-- Reads one member as JSON; "" for a user who is not in the room.

local record = read_record(user)
return { 'ok', is_present(user, record) and encode_member(user, record) or '' }
