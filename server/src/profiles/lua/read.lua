--- @keys users[]: record
--- @reply ok: records...
-- Reads the profiles of users of one group. For each it replies the record, "" for none, and its remaining
-- time in ms.
--
-- A record is "<since> <profile>": `since` is when the profile was stated, in ms; `profile` is JSON, "null"
-- for a user without a profile, and "unknown" for a user whom the app's backend does not know.

local reply = { 'ok' }
for number = 1, users_count do
  local key = users_at(number).record
  local record = redis.call('GET', key)
  reply[#reply + 1] = record or ''
  reply[#reply + 1] = record and string.format('%.0f', redis.call('PTTL', key)) or '0'
end
return reply
