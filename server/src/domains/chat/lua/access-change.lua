--- @include ./log.lua
-- Publishes that a user's access to the room has changed, so that each node checks the access again. With ""
-- as `user`, nodes check the access of all users. The counter `access` in `meta` shows a node whether it
-- missed a message on the topic. If the room has no log, begin_log() begins one, so that
-- `meta` has an epoch and an expiry.
local function access_changed(room, user)
  begin_log(room)
  keep_alive(room, now_ms())
  redis.call('HINCRBY', META_KEY, 'access', 1)
  redis.call(publish_command, TOPIC_KEY, 'access ' .. user)
end
