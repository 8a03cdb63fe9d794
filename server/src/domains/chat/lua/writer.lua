--- @include ./log.lua
-- Who may write in a room.

-- Returns the caller's role, or nil and the refusal: {"forbidden"}, or {"muted", until in ms}.
local function writer_role(room, now)
  local role = role_of_caller(room, now)
  if not role then return nil, { 'forbidden' } end
  if role == 'server' or GRANTED == 'moderator' then return role end
  local muted_until = redis.call('ZSCORE', MUTES, CALLER)
  if muted_until and tonumber(muted_until) > now then return nil, { 'muted', muted_until } end
  return role
end

-- Begins a write. Returns what to answer without any effect: the first answer, or the refusal; or else nil, the room,
-- its time and the caller's role.
local function begin_write()
  local known = first_answer(KEPT, FINGERPRINT)
  if known then return known end
  local room = read_room()
  local now = room_time(room)
  local role, refusal = writer_role(room, now)
  return refusal, room, now, role
end
