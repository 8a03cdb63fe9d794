--- @keys users[]: record
--- @reply ok: records...
-- Reads the profiles of users whose records share one hash tag (`profileGroup` in keys.ts). The reply has two
-- elements for each user:
--   1. the record; "" if there is none
--   2. the remaining TTL of the record in ms; "0" if there is no record
--
-- A record is "<since> <profile>". `since` is when the profile was set, in ms since 1970. For a profile from
-- a credential, `since` is the time at which the credential was issued. `profile` is JSON, "null" for a user
-- without a profile, or "unknown" for a user whom the app's backend does not know.

local reply = { 'ok' }
for number = 1, users_count do
  local key = users_at(number).record
  local record = redis.call('GET', key)
  reply[#reply + 1] = record or ''
  reply[#reply + 1] = record and string.format('%.0f', redis.call('PTTL', key)) or '0'
end
return reply
