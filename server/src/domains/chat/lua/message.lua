--- @include ./writer.lua
-- Changing a message.

-- Returns the message at an offset; nil when there is none, or it is deleted.
local function message_at(room, offset)
  local item = item_at(room, offset)
  if item and item[1] == 'm' and item[11] == '' then return item end
  return nil
end

-- Whether somebody with this role may edit and delete the message.
local function may_change(role, message)
  return role == 'server' or role == 'moderator' or message[3] == CALLER
end
