--- @include ./presence.lua
--- @reply ok: epoch offset accessVersion dueInMs summary otherNodes...
-- Reads what a node compares with its own memory: the position, the access version, the summary of the users
-- that the node holds ("" for none), and the other nodes that hold users.

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
