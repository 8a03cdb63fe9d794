--- @include ./publish-changes.lua
--- @args user
--- @reply ok: erased
-- Removes a member at once, even if the user is connected. The end of the presence session is not recorded,
-- because the user's own record is erased as well. `erased` is "1" when the user was a member.

local room = read_presence()
local ended = remove_member(room, user)
if ended then redis.call('SREM', LEAVING_KEY, ended) end
publish_changes(room)
return { 'ok', ended and '1' or '0' }
