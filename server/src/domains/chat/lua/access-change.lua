--- @include ./log.lua
-- Publishes that a user's access to the room has changed, so that each node checks it again; "" stands for
-- all users. The counter `access` in `meta` reveals a notice that a node missed. A room without a log begins
-- one first, so that `meta` has an epoch and an expiry.
local function access_changed(room, user)
  begin_log(room)
  keep_alive(room, now_ms())
  redis.call('HINCRBY', META_KEY, 'access', 1)
  redis.call(publish_command, TOPIC_KEY, 'access ' .. user)
end
