--- @include ./presence.lua
-- Carries out what became of the users that one node holds in a room.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6... a JSON array of strings for each user:
--       {"in", user, what its credentials make of it, since, stamp, state, profile, new state, new profile}  is here.
--         Since, stamp, state and profile are what the node knows of the stay, all "" for nothing; a new state or
--         profile of "" leaves it as it is
--       {"out", user}  is not here any more, and has its grace
--       {"off", user}  is not here any more, and needs none
-- Returns {"ok", epoch, Redis's time in ms, access version, ms until the room has to be looked at or ""}, and for each user "", "forbidden",
-- or a JSON array of strings {stay, since, stamp, state, profile}.

local room = read_presence()

local function come_in(user, granted, since, stamp, state, profile, new_state, new_profile)
  if not role_granted(granted, room, user, room.now) then
    local record = record_of(user)
    if let_go(user, record) and record then
      -- Another node may hold it by credentials that let it in. Who is kept, or in its grace, is evict.lua's to look at.
      if #record >= FIRST_HOLDER then keep_record(user, record) else put_out(room, user) end
    end
    return 'forbidden'
  end
  local record = record_of(user)
  local is_known = record ~= nil and redis.call('ZSCORE', PRESENT, user) ~= false
  local is_changed = false
  if not is_known then
    record = { since ~= '' and since or whole(room.now), stamp ~= '' and stamp or whole(room.now), state, profile }
  elseif since ~= '' then
    -- Somebody else was first to say so. The earliest beginning and the latest state are right.
    if tonumber(since) < tonumber(record[1]) then record[1], is_changed = since, true end
    if tonumber(stamp) > tonumber(record[2]) then
      record[2], record[3], record[4], is_changed = stamp, state, profile, true
    end
  end
  if dress(room, record, new_state, new_profile) then is_changed = true end
  if not is_known then join(room, user, record)
  elseif is_changed then change(room, 'u', user, record) end
  redis.call('ZREM', GRACE, user)
  hold(user, record)
  keep_record(user, record)
  return shown(user, record)
end

local reply = {}
for at = 6, #ARGV do
  local asked = cjson.decode(ARGV[at])
  if asked[1] == 'in' then
    reply[#reply + 1] = come_in(unpack(asked, 2))
  else
    release(room, asked[2], asked[1] == 'off' and 0 or room.now + GRACE_MS)
    reply[#reply + 1] = ''
  end
end
finish(room)
return { 'ok', room.epoch or '', whole(room.now), room.access, next_look(room), unpack(reply) }
