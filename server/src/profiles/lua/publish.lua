--- @keys topic
--- @args publishCommand
-- Tells the nodes a user's profile. Ids have no control characters, so line feeds separate the parts.

local function publish_profile(user, since, profile)
  redis.call(publish_command, TOPIC_KEY, since .. '\n' .. user .. '\n' .. profile)
end
