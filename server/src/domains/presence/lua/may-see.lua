--- @include ./presence.lua
--- @args users[]: id granted
--- @reply ok: allowed...
-- Checks for several users whether they may see the room. `allowed` has "1" or "0" for each user. `granted`
-- is the role that the user's credentials give in the room.

local room = read_presence()
local reply = { 'ok' }
for number = 1, users_count do
  local user = users_at(number)
  reply[#reply + 1] = role_granted(user.granted, room, user.id, room.now) and '1' or '0'
end
return reply
