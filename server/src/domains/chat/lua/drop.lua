--- @include ../../../redis/lua/idempotency.lua
--- @include ./log.lua
--- @keys mutes
--- @reply ok:
--- @reply no_room:
-- Deletes a room. The nodes check the access of its subscribers again. The next message begins a new epoch.

local known = first_reply()
if known then return known end

local deleted = redis.call('UNLINK', META_KEY, MEMBERS_KEY, BANS_KEY, MUTES_KEY, log_keys())
if deleted == 0 then return { 'no_room' } end
redis.call(publish_command, TOPIC_KEY, 'access ')
return keep_reply({ 'ok' })
