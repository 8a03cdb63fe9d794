--- @keys topic
--- @args publishCommand
-- Publishes a user's profile to the nodes. `since` is when the profile was set, in ms since 1970. Ids contain
-- no control characters, so line feeds separate the parts of the message.

local function publish_profile(user, since, profile)
  redis.call(publish_command, TOPIC_KEY, since .. '\n' .. user .. '\n' .. profile)
end
