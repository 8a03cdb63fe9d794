--- @include ./publish-changes.lua
--- @args limit
--- @reply ok: dueInMs ended...
-- Removes at most `limit` members whose grace has ended. Handles at most `limit` kept members whose TTL has
-- ended: they are no longer kept. Each is removed, unless a node has a connection of the member.
--   ended  at most `limit` ended presence sessions, each {user, epoch, join offset, time of the end in ms} as
--          JSON. The caller must write these ends to the keys of the users (user:<id>)

local room = read_presence()
local function expired(key)
  return redis.call('ZRANGEBYSCORE', key, '-inf', whole(room.now), 'LIMIT', 0, limit)
end

-- Called when Redis's clock was set back, because stored ends may then be too far ahead. If more
-- than a full grace or TTL is left, shortens it to the full length.
local function correct_ends()
  local grace_ends = room.now + GRACE_MS
  for _, user in ipairs(redis.call('ZRANGEBYSCORE', GRACE_KEY, '(' .. whole(grace_ends), '+inf')) do
    redis.call('ZADD', GRACE_KEY, whole(grace_ends), user)
  end
  local ttls = redis.call('HGETALL', KEPT_TTLS_KEY)
  for at = 1, #ttls, 2 do
    local user, ends_at = ttls[at], room.now + tonumber(ttls[at + 1])
    if tonumber(redis.call('ZSCORE', KEPT_KEY, user) or 0) > ends_at then
      redis.call('ZADD', KEPT_KEY, whole(ends_at), user)
    end
  end
  room.clock, room.is_clock_set = room.now, true
end

if has_late_ends(room) then correct_ends() end
for _, user in ipairs(expired(GRACE_KEY)) do
  remove_member(room, user)
end
for _, user in ipairs(expired(KEPT_KEY)) do
  end_keep(user)
  local record = read_record(user)
  if not record or not has_holder(record) then remove_member(room, user) end
end
publish_changes(room)
return { 'ok', due_in_ms(room), unpack(redis.call('SRANDMEMBER', LEAVING_KEY, limit)) }
