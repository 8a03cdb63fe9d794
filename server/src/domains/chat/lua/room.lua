--- @include ../../../redis/lua/clock.lua
--- @include ../../../redis/lua/idempotency.lua
-- What every script of a room takes and knows. A script says only what it takes beyond that.
-- KEYS  1 meta  2 log  3 index  4 reactors  5 read marks  6 members  7 bans  8 mutes  9 topic  10 kept answer
-- ARGV  1 the caller's user id ("" for an app's server)  2 visibility of a room that was never configured
--       3 PUBLISH or SPUBLISH  4 fingerprint  5 TTL of the kept answer in ms  6 epoch of a new log
--       7 what the caller's credentials make of it, whatever the room says: "visitor", "moderator", or "" for nothing

local META, LOG, INDEX, REACTORS, READ_MARKS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local MEMBERS, BANS, MUTES, TOPIC, KEPT = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local CALLER, PUBLISH, FINGERPRINT, ANSWER_TTL, GRANTED = ARGV[1], ARGV[3], ARGV[4], ARGV[5], ARGV[7]

--- @include ../../shared/lua/room-access.lua

local function whole(number) return string.format('%.0f', number) end

local function read_room()
  local fields = redis.call('HMGET', META, 'epoch', 'head', 'next', 'lastId', 'headId', 'lastAt', 'expiresAt', 'access',
    'visibility', 'logSize', 'retentionMs', 'slowModeMs', 'createdAt')
  local room = {
    epoch = fields[1] or nil,
    head = tonumber(fields[2]),
    next = tonumber(fields[3]),
    lastId = fields[4] or nil,
    headId = fields[5] or nil,
    lastAt = tonumber(fields[6]),
    expiresAt = tonumber(fields[7]),
    access = tonumber(fields[8]) or 0,
    visibility = fields[9] or ARGV[2],
    logSize = tonumber(fields[10]) or 1000,
    retentionMs = tonumber(fields[11]) or 2592000000,
    slowModeMs = tonumber(fields[12]) or 0,
    createdAt = fields[13] or nil,
  }
  -- The log is one with what meta says of it, or was lost, in part or as a whole.
  room.isWhole = room.epoch ~= nil and redis.call('LLEN', LOG) == room.next - room.head
  return room
end

local function role_of_caller(room, now)
  return role_granted(GRANTED, room, CALLER, now)
end

-- The item at an offset, decoded; nil when it is not in the log.
local function item_at(room, offset)
  if not room.isWhole or offset < room.head or offset >= room.next then return nil end
  return cjson.decode(redis.call('LINDEX', LOG, offset - room.head))
end
