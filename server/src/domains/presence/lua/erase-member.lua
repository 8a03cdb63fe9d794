--- @include ./publish-changes.lua
--- @args user
--- @reply ok: erased
-- Removes a member at once, whichever node holds the user, and writes no record of the end.

local room = read_presence()
local ended = remove_member(room, user)
if ended then redis.call('SREM', LEAVING_KEY, ended) end
publish_changes(room)
return { 'ok', ended and '1' or '0' }
