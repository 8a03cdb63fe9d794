--- @include ./presence.lua
--- @include ../../shared/lua/outbox.lua
-- Publishes the changes that a script made to the members of a room. Each script that changes members ends
-- with `publish_changes`.

-- How long the epoch of an empty room is remembered.
local EMPTY_MS = 3600000

-- Queues the events of joined and left members. The values are {user, since, state, profile} for a member who
-- joined, and {user} for one who left.
local function queue_changes(room)
  for _, change in ipairs(room.changes) do
    local kind, user = change[2], change[3]
    if kind == 'j' then
      queue_event('presence.joined', room.now, user, change[5], change[7], change[8])
    end
    if kind == 'l' then queue_event('presence.left', room.now, user) end
  end
end

local function publish_changes(room)
  if room.is_clock_set then redis.call('HSET', META_KEY, 'clock', whole(room.clock)) end
  if #room.changes == 0 then return end
  redis.call('HSET', META_KEY, 'epoch', room.epoch, 'offset', whole(room.offset))
  queue_changes(room)
  local count = redis.call('ZCARD', PRESENT_KEY)
  if count == 0 then
    redis.call('PEXPIRE', META_KEY, EMPTY_MS)
  else
    redis.call('PERSIST', META_KEY)
  end
  redis.call(
    publish_command,
    TOPIC_KEY,
    'changes ' .. room.epoch .. ' ' .. whole(count) .. ' ' .. cjson.encode(room.changes)
  )
end
