--- @include ./presence.lua
--- @args limit
--- @reply ok: dueInMs ended...
-- Removes members whose grace or TTL has ended, at most `limit` of each. Replies with at most `limit`
-- presence sessions that ended and are not recorded yet: {user, epoch, join offset, ms of the end} as JSON.

local room = read_presence()
local function expired(key)
  return redis.call('ZRANGEBYSCORE', key, '-inf', whole(room.now), 'LIMIT', 0, limit)
end

for _, user in ipairs(expired(GRACE_KEY)) do
  remove_member(room, user)
end
for _, user in ipairs(expired(KEPT_KEY)) do
  redis.call('ZREM', KEPT_KEY, user)
  local record = read_record(user)
  if not record or not has_holder(record) then remove_member(room, user) end
end
publish_changes(room)
return { 'ok', due_in_ms(room), unpack(redis.call('SRANDMEMBER', LEAVING_KEY, limit)) }
