-- Access to a room. A script that includes this declares the keys `members` and `bans`.

-- Returns the role of a user in a room: "server", "moderator", "member" or "visitor"; nil without access.
-- The user "" is an app's server. A direct room is for two users, but this returns "visitor" for a third user
-- too. room-access.ts refuses a third user, unless the user's credentials give a role in the room.
local function role_in(room, user, now)
  if user == '' then return 'server' end
  local banned_until = tonumber(redis.call('ZSCORE', BANS_KEY, user) or 0)
  if banned_until > now then return nil end
  local role = redis.call('HGET', MEMBERS_KEY, user)
  if role then return role end
  if room.visibility == 'public' or room.visibility == 'direct' then return 'visitor' end
  return nil
end

-- Like role_in(), but the user's credentials may give a role, `granted`: "visitor", "moderator", or "" for
-- none. A ban applies to a user with the granted role "visitor", but not to one with "moderator".
local function role_granted(granted, room, user, now)
  if user ~= '' and granted == 'moderator' then return 'moderator' end
  return role_in(granted == 'visitor' and { visibility = 'public' } or room, user, now)
end
