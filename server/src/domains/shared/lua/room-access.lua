-- Who may see a room. Expects MEMBERS and BANS: the keys of the room's members and bans.

-- What a user is in a room: "server", "moderator", "member" or "visitor"; nil for who may not see it.
-- `room.visibility` is the room's; "" as user stands for an app's server.
local function role_in(room, user, now)
  if user == '' then return 'server' end
  local banned_until = tonumber(redis.call('ZSCORE', BANS, user) or 0)
  if banned_until > now then return nil end
  local role = redis.call('HGET', MEMBERS, user)
  if role then return role end
  if room.visibility == 'public' or room.visibility == 'direct' then return 'visitor' end
  return nil
end

-- The same for a user whose credentials make it a visitor or a moderator, where the room alone would not. A ban holds for
-- visitors all the same.
local function role_granted(granted, room, user, now)
  if user ~= '' and granted == 'moderator' then return 'moderator' end
  return role_in(granted == 'visitor' and { visibility = 'public' } or room, user, now)
end
