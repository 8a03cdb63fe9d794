--- @include ./publish-changes.lua
--- @include ../../../redis/lua/idempotency.lua
--- @args user
--- @reply ok:
--- @reply not_kept:
-- Ends what keep.lua began. keep.lua keeps a user in the room for a time, even without a connection. This
-- script removes a user without a connection at once. A user with a connection stays a member.

local first = first_reply()
if first then return first end

local room = read_presence()
if not end_keep(user) then return { 'not_kept' } end
local record = read_record(user)
if not record or not has_holder(record) then remove_member(room, user) end
publish_changes(room)
return keep_reply({ 'ok' })
