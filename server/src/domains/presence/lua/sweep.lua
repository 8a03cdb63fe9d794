--- @include ./publish-changes.lua
--- @args goneAt limit
--- @reply ok: dueInMs hasMore
-- Removes a node whose lease has ended as a holder of up to `limit` members. `gone_at` is when the lease
-- ended, in ms; "" for now. A member without another holder gets a grace that begins at that time.

local room = read_presence()
local from = gone_at == '' and room.now or tonumber(gone_at)
for _, user in ipairs(redis.call('SRANDMEMBER', HELD_KEY, limit)) do
  release(room, user, from + GRACE_MS)
end
local has_more = redis.call('EXISTS', HELD_KEY) == 1
if not has_more then redis.call('HDEL', NODES_KEY, node) end
publish_changes(room)
return { 'ok', due_in_ms(room), has_more and '1' or '0' }
