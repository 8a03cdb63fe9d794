--- @include ./log.lua
-- Changing who may see a room.

-- Tells the nodes to look anew whether a user may see the room; "" for everyone in it.
local function access_changed(room, now, user)
  begin_log(room, now)
  keep_alive(room, now)
  redis.call('HINCRBY', META, 'access', 1)
  redis.call(PUBLISH, TOPIC, 'access ' .. user)
end
