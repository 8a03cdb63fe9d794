--- @include ./log.lua
-- Changes of access to a room.

-- Tells the nodes to check a user's access again; "" for the access of everyone in the room.
local function access_changed(room, user)
  begin_log(room)
  keep_alive(room, now_ms())
  redis.call('HINCRBY', META_KEY, 'access', 1)
  redis.call(publish_command, TOPIC_KEY, 'access ' .. user)
end
