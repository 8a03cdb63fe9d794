--- @keys topic
--- @args publishCommand
-- Publishes a user's profile to the nodes. Ids contain no control characters, so line feeds separate the
-- parts of the message.

local function publish_profile(user, since, profile)
  redis.call(publish_command, TOPIC_KEY, since .. '\n' .. user .. '\n' .. profile)
end
