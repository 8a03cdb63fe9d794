--- @include ./log.lua
--- @include ../../../redis/lua/idempotency.lua
--- @keys mutes
--- @reply muted: untilMs waitMs
-- The checks of scripts that send messages or change them.

-- Returns the caller's role at the time `now` of Redis's clock. If the caller may not write, returns nil and
-- the reply that refuses the call.
local function writer_role(room, now)
  local role = role_of_caller(room, now)
  if not role then return nil, { 'forbidden' } end
  if role == 'server' or granted == 'moderator' then return role end
  local muted_until = tonumber(redis.call('ZSCORE', MUTES_KEY, caller) or 0)
  if muted_until > now then return nil, { 'muted', whole(muted_until), whole(muted_until - now) } end
  return role
end

-- Begins a write. If the call is a repeat or is refused, returns the reply with which the script must end.
-- Else returns nil, the room, the time (in ms) that new items of the log get, and the caller's role.
local function begin_write()
  local known = first_reply()
  if known then return known end
  local room, clock = read_room(), now_ms()
  local now = room_time(room, clock)
  local role, refusal = writer_role(room, clock)
  return refusal, room, now, role
end

-- Returns the message at an offset; nil if there is none, or if it is deleted.
local function message_at(room, offset)
  local item = item_at(room, offset)
  if item and item[1] == 'm' and item[11] == '' then return item end
  return nil
end

-- Returns whether the caller, whose role is given, may edit and delete the message.
local function may_change(role, message)
  return role == 'server' or role == 'moderator' or message[3] == caller
end
