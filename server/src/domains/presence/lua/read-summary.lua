--- @include ./presence.lua
--- @reply ok: epoch offset accessVersion dueInMs summary otherNodes...
-- Reads what a node needs to find out whether its memory of the room is right. A node holds the users who
-- have a connection to it.
--   accessVersion  the number of changes to who may access the room
--   dueInMs        in how many ms expire-members.lua has work in the room; "" for never
--   summary        the number and a hash of the users that `node` holds; "" for none
--   otherNodes     the other nodes that hold users of the room

local room = read_presence()
local reply = { 'ok', room.epoch or '', whole(room.offset), room.access_version, due_in_ms(room), '' }
local nodes = redis.call('HGETALL', NODES_KEY)
for at = 1, #nodes, 2 do
  if nodes[at] == node then
    reply[6] = nodes[at + 1]
  else
    reply[#reply + 1] = nodes[at]
  end
end
return reply
