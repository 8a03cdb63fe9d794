--- @include ./log.lua
-- Publishes that a user's access to the room has changed, so that each node checks the access again. With ""
-- as `user`, nodes check the access of all users. By the counter `access` in `meta`, a node notices that it
-- missed a notice. A room without a log begins a log first, so that `meta` has an epoch and an expiry.
local function access_changed(room, user)
  begin_log(room)
  keep_alive(room, now_ms())
  redis.call('HINCRBY', META_KEY, 'access', 1)
  redis.call(publish_command, TOPIC_KEY, 'access ' .. user)
end
