--- @include ../../../redis/lua/clock.lua
--- @include ../../shared/lua/room-access.lua
--- @keys meta log older members bans
--- @args caller granted defaultVisibility
--- @reply forbidden:
-- Reads a room, for all scripts of rooms. `caller` is a user id, or "" for an app's server. `granted` is the
-- role that the caller's credentials give. `defaultVisibility` applies to a room that was never configured.

-- How long an empty log keeps its epoch. Nodes renew this TTL while the room has subscribers (read-end.lua).
local EMPTY_MS = 60000

local function whole(number) return string.format('%.0f', number) end

local function read_room()
  local fields = redis.call(
    'HMGET',
    META_KEY,
    'epoch',
    'head',
    'next',
    'lastId',
    'headId',
    'lastAt',
    'expiresAt',
    'access',
    'visibility',
    'logSize',
    'retentionMs',
    'slowModeMs',
    'createdAt',
    'messages',
    'reactedTo'
  )
  local room = {
    epoch = fields[1] or nil,
    head = tonumber(fields[2]),
    next = tonumber(fields[3]),
    lastId = fields[4] or nil,
    headId = fields[5] or nil,
    lastAt = tonumber(fields[6]),
    expiresAt = tonumber(fields[7]),
    accessVersion = tonumber(fields[8]) or 0,
    visibility = fields[9] or default_visibility,
    logSize = tonumber(fields[10]) or 1000,
    retentionMs = tonumber(fields[11]) or 2592000000,
    slowModeMs = tonumber(fields[12]) or 0,
    createdAt = fields[13] or nil,
    messages = tonumber(fields[14]) or 0,
    -- The highest offset of a message that ever had an entry in the keys `reactors` or `reacted` (log.lua);
    -- infinite if unknown. For messages with higher offsets, forget() (log.lua) need not look at these keys.
    reactedTo = tonumber(fields[15]) or math.huge,
  }
  -- False when there is no log, or when its length shows that Redis has lost a part of it.
  room.isConsistent = room.epoch ~= nil and redis.call('LLEN', LOG_KEY) == room.next - room.head
  return room
end

local function role_of_caller(room, now) return role_granted(granted, room, caller, now) end

-- Returns the encoded item at an offset; nil when neither the log nor the HASH `older` has the item.
-- `older` keeps messages that have left the log.
local function encoded_at(room, offset)
  if not room.isConsistent or offset >= room.next then return nil end
  if offset < room.head then return redis.call('HGET', OLDER_KEY, whole(offset)) or nil end
  return redis.call('LINDEX', LOG_KEY, offset - room.head)
end

local function item_at(room, offset)
  local encoded = encoded_at(room, offset)
  return encoded and cjson.decode(encoded)
end
