--- @include ./presence.lua
-- By what a node sees whether Redis and it know the same of a room.
-- KEYS  as presence.lua
-- ARGV  as presence.lua
-- Returns {"ok", epoch, offset, access version, ms until the room has to be looked at or "", what is noted of the node's
-- users ("" for none), other node, other node, ...}.

local room = read_presence()
local reply = { 'ok', room.epoch or '', whole(room.offset), room.access, next_look(room), '' }
local nodes = redis.call('HGETALL', NODES)
for at = 1, #nodes, 2 do
  if nodes[at] == NODE then reply[6] = nodes[at + 1]
  else reply[#reply + 1] = nodes[at] end
end
return reply
