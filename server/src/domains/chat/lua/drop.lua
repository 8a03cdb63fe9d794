--- @include ./once.lua
--- @keys meta log index reactors readMarks members bans mutes topic
--- @args publishCommand
--- @reply ok:
--- @reply no_room:
-- Deletes a room. Its subscribers continue in a new epoch.

local known = first_reply()
if known then return known end

local log_keys = { META_KEY, LOG_KEY, INDEX_KEY, REACTORS_KEY, READ_MARKS_KEY }
local deleted = redis.call('UNLINK', MEMBERS_KEY, BANS_KEY, MUTES_KEY, unpack(log_keys))
if deleted == 0 then return { 'no_room' } end
redis.call(publish_command, TOPIC_KEY, 'access ')
return keep_reply({ 'ok' })
