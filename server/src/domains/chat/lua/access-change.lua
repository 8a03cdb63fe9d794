--- @include ./log.lua
-- Publishes the notice "access <user>" on the room's pub/sub topic when a user's access to the room has
-- changed. Each node then checks the access of that user again, or of all users if `user` is "". The counter
-- `access` in `meta` counts the changes, so that a node can detect a lost notice. If the room has no log,
-- begin_log() begins one, so that `meta` has an epoch and an expiry.
local function access_changed(room, user)
  begin_log(room)
  keep_alive(room, now_ms())
  redis.call('HINCRBY', META_KEY, 'access', 1)
  redis.call(publish_command, TOPIC_KEY, 'access ' .. user)
end
