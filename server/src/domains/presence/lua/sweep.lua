--- @include ./publish-changes.lua
--- @args goneAt limit
--- @reply ok: dueInMs hasMore
-- Takes up to `limit` members from a node whose lease has ended: the node no longer holds them. `gone_at` is
-- when the lease ended, in ms; "" stands for the current time. A member that no other node holds gets a
-- grace, which begins at `gone_at`.

local room = read_presence()
local from = gone_at == '' and room.now or tonumber(gone_at)
for _, user in ipairs(redis.call('SRANDMEMBER', HELD_KEY, limit)) do
  release(room, user, from + GRACE_MS)
end
local has_more = redis.call('EXISTS', HELD_KEY) == 1
if not has_more then redis.call('HDEL', NODES_KEY, node) end
publish_changes(room)
return { 'ok', due_in_ms(room), has_more and '1' or '0' }
