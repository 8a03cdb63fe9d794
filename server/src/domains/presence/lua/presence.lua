--- @include ../../../redis/lua/clock.lua
--- @include ../../shared/lua/room-access.lua
--- @keys roomMeta members bans topic meta present records grace kept keptTtls nodes leaving held
--- @args defaultVisibility publishCommand newEpoch graceMs node
-- What the scripts about the presence of a room share. docs/internals/presence.md describes the keys.
-- `node` is the id of a node's lease, called an incarnation; "" for no node. A lease is a time limit in
-- Redis, which the node renews while it runs. A node that lost its lease takes a new lease with a new id.
-- `held` is the SET of the users with a connection to `node`.
--
-- A record is a JSON array of strings: {since, stamp, state, profile, holder, holder, ...}. `state` and
-- `profile` are JSON or ""; `stamp` is the time of their last change; `since` and `stamp` are ms since 1970;
-- holders are incarnations.
--
-- A member has a holder (a node with a connection of the member), or is kept (by a server, with a TTL), or is
-- in its grace (the time that a member without a connection stays). A member in `grace` has no holder and is
-- not kept.

local GRACE_MS = tonumber(grace_ms)

local function whole(number) return string.format('%.0f', number) end

local function read_presence()
  local fields = redis.call('HMGET', META_KEY, 'epoch', 'offset', 'clock')
  local of_room = redis.call('HMGET', ROOM_META_KEY, 'visibility', 'access')
  return {
    epoch = fields[1] or nil,
    offset = tonumber(fields[2]) or 0,
    clock = tonumber(fields[3]) or 0,
    visibility = of_room[1] or default_visibility,
    access_version = of_room[2] or '0',
    now = now_ms(),
    changes = {},
  }
end

-- By how much Redis's clock may be behind an earlier reading before it counts as set back.
local CLOCK_TOLERANCE_MS = 1000

-- Whether stored ends of graces and TTLs may lie too far in the future, because they were set while the clock
-- of Redis was ahead.
local function has_late_ends(room) return room.clock > room.now + CLOCK_TOLERANCE_MS end

-- Call this after setting the end of a grace or TTL, so that `publish_changes` (publish-changes.lua) stores
-- the time at which the end was set.
local function set_clock(room)
  room.clock, room.is_clock_set = math.max(room.clock, room.now), true
end

local function end_keep(user)
  redis.call('HDEL', KEPT_TTLS_KEY, user)
  return redis.call('ZREM', KEPT_KEY, user) == 1
end

local function read_record(user)
  local encoded = redis.call('HGET', RECORDS_KEY, user)
  return encoded and cjson.decode(encoded) or nil
end

local function write_record(user, record) redis.call('HSET', RECORDS_KEY, user, cjson.encode(record)) end

local FIRST_HOLDER = 5

local function has_holder(record) return #record >= FIRST_HOLDER end

local function is_present(user, record)
  return record ~= nil and redis.call('ZSCORE', PRESENT_KEY, user) ~= false
end

local function add_holder(record, holder)
  for at = FIRST_HOLDER, #record do
    if record[at] == holder then return end
  end
  record[#record + 1] = holder
end

local function remove_holder(record, holder)
  for at = #record, FIRST_HOLDER, -1 do
    if record[at] == holder then table.remove(record, at) end
  end
end

-- Adds a change for publish-changes.lua. Kinds: "j" joined, "l" left, "u" updated. A change is {offset, kind,
-- user, join offset, since, stamp, state, profile}. For a user who left: {offset, kind, user}.
local function add_change(room, kind, user, record)
  room.offset = room.offset + 1
  local change = { whole(room.offset), kind, user }
  if record then
    change[4] = redis.call('ZSCORE', PRESENT_KEY, user)
    for at = 1, 4 do
      change[4 + at] = record[at]
    end
  end
  room.changes[#room.changes + 1] = change
end

-- Updates the summary of the users that the node holds: their number, and the XOR of hashes of their ids,
-- such as "3:-171421". `delta` is 1 when the node begins to hold the user, -1 when the hold ends.
local function update_summary(user, delta)
  local summary = redis.call('HGET', NODES_KEY, node)
  local count, bits = 0, 0
  if summary then
    count, bits = string.match(summary, '^(%d+):(-?%d+)$')
  end
  count = tonumber(count) + delta
  bits = bit.bxor(tonumber(bits), tonumber(string.sub(redis.sha1hex(user), 1, 8), 16))
  if count <= 0 then
    redis.call('HDEL', NODES_KEY, node)
  else
    redis.call('HSET', NODES_KEY, node, whole(count) .. ':' .. whole(bits))
  end
end

local function hold(user, record)
  add_holder(record, node)
  if redis.call('SADD', HELD_KEY, user) == 1 then update_summary(user, 1) end
end

-- Ends the node's hold on a user. Returns whether the node held the user.
local function end_hold(user, record)
  if record then remove_holder(record, node) end
  if redis.call('SREM', HELD_KEY, user) == 0 then return false end
  update_summary(user, -1)
  return true
end

-- Adds a user who is not present.
local function join(room, user, record)
  if not room.epoch then
    -- The room has no epoch. Any other keys of the room are leftovers of an epoch that Redis has lost.
    redis.call(
      'UNLINK',
      PRESENT_KEY,
      RECORDS_KEY,
      GRACE_KEY,
      KEPT_KEY,
      KEPT_TTLS_KEY,
      NODES_KEY,
      HELD_KEY
    )
    room.epoch, room.offset, room.is_created = new_epoch, 0, true
  end
  redis.call('ZADD', PRESENT_KEY, whole(room.offset + 1), user)
  add_change(room, 'j', user, record)
end

-- Removes a member. Adds the end of the member's presence session (the time from join to leave) to the SET
-- `leaving`. This script can't write to the user's own keys (user:<id>), because they may be on another Redis
-- server. The end stays in `leaving` until a node has written it to those keys. Returns the added element;
-- nil for a user who was not a member.
local function remove_member(room, user)
  local join_offset = redis.call('ZSCORE', PRESENT_KEY, user)
  if not join_offset then return end
  redis.call('ZREM', PRESENT_KEY, user)
  redis.call('HDEL', RECORDS_KEY, user)
  redis.call('ZREM', GRACE_KEY, user)
  end_keep(user)
  local ended = cjson.encode({ user, room.epoch, join_offset, whole(room.now) })
  redis.call('SADD', LEAVING_KEY, ended)
  add_change(room, 'l', user)
  return ended
end

-- Ends the node's hold on a user, who stays until `ends_at` if nothing else keeps the user present.
local function release(room, user, ends_at)
  local record = read_record(user)
  end_hold(user, record)
  if not record then return end
  write_record(user, record)
  if has_holder(record) then return end
  local kept_until = tonumber(redis.call('ZSCORE', KEPT_KEY, user))
  if kept_until then
    -- If the TTL of a kept member ends before the grace, the member stays until the end of the grace.
    if kept_until < ends_at then
      redis.call('ZADD', KEPT_KEY, whole(ends_at), user)
      redis.call('HSET', KEPT_TTLS_KEY, user, whole(ends_at - room.now))
      set_clock(room)
    end
    return
  end
  if ends_at <= room.now then return remove_member(room, user) end
  redis.call('ZADD', GRACE_KEY, 'NX', whole(ends_at), user)
  set_clock(room)
end

-- Changes state and profile; "" leaves a value as it is, "null" clears it. Returns whether something changed.
local function update_record(room, record, state, profile)
  if state == 'null' then
    state = ''
  elseif state == '' then
    state = record[3]
  end
  if profile == 'null' then
    profile = ''
  elseif profile == '' then
    profile = record[4]
  end
  if state == record[3] and profile == record[4] then return false end
  record[3], record[4] = state, profile
  record[2] = whole(math.max(room.now, tonumber(record[2]) + 1))
  return true
end

-- In how many ms expire-members.lua has work in the room; "" for never.
local function due_in_ms(room)
  if has_late_ends(room) or redis.call('EXISTS', LEAVING_KEY) == 1 then return '0' end
  local earliest
  for _, key in ipairs({ GRACE_KEY, KEPT_KEY }) do
    local at = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
    if at and (not earliest or at < earliest) then earliest = at end
  end
  return earliest and whole(math.max(0, earliest - room.now)) or ''
end

-- A record as nodes read it: {join offset, since, stamp, state, profile} as JSON.
local function encode_member(user, record)
  return cjson.encode({
    redis.call('ZSCORE', PRESENT_KEY, user),
    record[1],
    record[2],
    record[3],
    record[4],
  })
end
