--- @include ../../../redis/lua/clock.lua
-- What every script of a room's presence takes and knows. A script says only what it takes beyond that.
-- KEYS  1 the room's meta  2 its members  3 its bans, all three of chat  4 topic  5 meta  6 present  7 records  8 grace
--       9 kept  10 nodes  11 leaving  12 the users that one node holds  13 kept answer
-- ARGV  1 visibility of a room that was never configured  2 PUBLISH or SPUBLISH  3 epoch of a new presence
--       4 grace in ms  5 incarnation of the node of KEYS 12, "" for none
--
-- A record is a JSON array of strings: {since, stamp, state, profile, holder, holder, ...}. State and profile are JSON,
-- or "" for none; stamp is when they last changed, in ms as since is; holders are incarnations of nodes.
--
-- A user is present who has a holder, is kept, or has its grace: exactly one that is in `grace` has neither of the others.

local ROOM_META, MEMBERS, BANS, TOPIC, META, PRESENT = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local RECORDS, GRACE, KEPT, NODES, LEAVING, HELD = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local PUBLISH, GRACE_MS, NODE = ARGV[2], tonumber(ARGV[4]), ARGV[5]

local MEMBERS_KEY, BANS_KEY = MEMBERS, BANS
--- @include ../../shared/lua/room-access.lua

local function whole(number) return string.format('%.0f', number) end

local function read_presence()
  local fields = redis.call('HMGET', META, 'epoch', 'offset')
  local of_room = redis.call('HMGET', ROOM_META, 'visibility', 'access')
  return {
    epoch = fields[1] or nil,
    offset = tonumber(fields[2]) or 0,
    visibility = of_room[1] or ARGV[1],
    access = of_room[2] or '0',
    now = now_ms(),
    changes = {},
  }
end

local function record_of(user)
  local encoded = redis.call('HGET', RECORDS, user)
  return encoded and cjson.decode(encoded) or nil
end

local function keep_record(user, record)
  redis.call('HSET', RECORDS, user, cjson.encode(record))
end

local FIRST_HOLDER = 5

local function add_holder(record, node)
  for at = FIRST_HOLDER, #record do
    if record[at] == node then return end
  end
  record[#record + 1] = node
end

local function remove_holder(record, node)
  for at = #record, FIRST_HOLDER, -1 do
    if record[at] == node then table.remove(record, at) end
  end
end

local function is_held(user, record)
  return #record >= FIRST_HOLDER or redis.call('ZSCORE', KEPT, user) ~= false
end

-- Notes a change; `finish` tells of it. Kinds: "j" joined, "l" left, "u" updated.
local function change(room, kind, user, record)
  room.offset = room.offset + 1
  local noted = { whole(room.offset), kind, user }
  if record then
    noted[4] = redis.call('ZSCORE', PRESENT, user)
    for at = 1, 4 do noted[4 + at] = record[at] end
  end
  room.changes[#room.changes + 1] = noted
end

-- How many users the node holds and the sum of their ids' bits, by which it sees whether Redis knows the same.
local function note_held(user, step)
  local noted = redis.call('HGET', NODES, NODE)
  local count, bits = 0, 0
  if noted then count, bits = string.match(noted, '^(%d+):(-?%d+)$') end
  count = tonumber(count) + step
  bits = bit.bxor(tonumber(bits), tonumber(string.sub(redis.sha1hex(user), 1, 8), 16))
  if count <= 0 then redis.call('HDEL', NODES, NODE)
  else redis.call('HSET', NODES, NODE, whole(count) .. ':' .. whole(bits)) end
end

local function hold(user, record)
  add_holder(record, NODE)
  if redis.call('SADD', HELD, user) == 1 then note_held(user, 1) end
end

-- Returns whether the node held the user.
local function let_go(user, record)
  if record then remove_holder(record, NODE) end
  if redis.call('SREM', HELD, user) == 0 then return false end
  note_held(user, -1)
  return true
end

-- Takes a user in who is not present.
local function join(room, user, record)
  if not room.epoch then
    -- What meta does not know of is what is left of something that was lost.
    redis.call('UNLINK', PRESENT, RECORDS, GRACE, KEPT, NODES, HELD)
    room.epoch, room.offset = ARGV[3], 0
  end
  redis.call('ZADD', PRESENT, whole(room.offset + 1), user)
  change(room, 'j', user, record)
end

-- Ends a stay. Those who keep the users' own records hear of it from `leaving`.
local function put_out(room, user)
  local stay = redis.call('ZSCORE', PRESENT, user)
  if not stay then return end
  redis.call('ZREM', PRESENT, user)
  redis.call('HDEL', RECORDS, user)
  redis.call('ZREM', GRACE, user)
  redis.call('ZREM', KEPT, user)
  redis.call('SADD', LEAVING, cjson.encode({ user, room.epoch, stay, whole(room.now) }))
  change(room, 'l', user)
end

-- Gives a present user a node's hold up. `ends_at`: when the user leaves if nothing else holds it.
local function release(room, user, ends_at)
  local record = record_of(user)
  let_go(user, record)
  if not record then return end
  keep_record(user, record)
  if #record >= FIRST_HOLDER then return end
  local kept_until = tonumber(redis.call('ZSCORE', KEPT, user))
  if kept_until then
    -- A keeping that ends sooner goes on for the grace.
    if kept_until < ends_at then redis.call('ZADD', KEPT, whole(ends_at), user) end
    return
  end
  if ends_at <= room.now then put_out(room, user)
  else redis.call('ZADD', GRACE, 'NX', whole(ends_at), user) end
end

-- Gives a user another state and profile; "" leaves either as it is. Returns whether something changed.
local function dress(room, record, state, profile)
  if state == 'null' then state = '' elseif state == '' then state = record[3] end
  if profile == 'null' then profile = '' elseif profile == '' then profile = record[4] end
  if state == record[3] and profile == record[4] then return false end
  record[3], record[4] = state, profile
  record[2] = whole(math.max(room.now, tonumber(record[2]) + 1))
  return true
end

-- How long a presence is remembered in which nobody is.
local EMPTY_MS = 3600000

-- Ends a script: tells everyone what changed.
local function finish(room)
  if #room.changes == 0 then return end
  redis.call('HSET', META, 'epoch', room.epoch, 'offset', whole(room.offset))
  local count = redis.call('ZCARD', PRESENT)
  if count == 0 then redis.call('PEXPIRE', META, EMPTY_MS) else redis.call('PERSIST', META) end
  redis.call(PUBLISH, TOPIC,
    'changes ' .. room.epoch .. ' ' .. whole(count) .. ' ' .. cjson.encode(room.changes))
end

-- In how many ms somebody has to look at the room again; "" for never.
local function next_look(room)
  if redis.call('EXISTS', LEAVING) == 1 then return '0' end
  local earliest
  for _, ends in ipairs({ GRACE, KEPT }) do
    local at = tonumber(redis.call('ZRANGE', ends, 0, 0, 'WITHSCORES')[2])
    if at and (not earliest or at < earliest) then earliest = at end
  end
  return earliest and whole(math.max(0, earliest - room.now)) or ''
end

-- A record without its holders, led by the stay, as nodes take it.
local function shown(user, record)
  return cjson.encode({ redis.call('ZSCORE', PRESENT, user), record[1], record[2], record[3], record[4] })
end
