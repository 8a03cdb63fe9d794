--- @include ./publish.lua
--- @keys users[]: record
--- @args users[]: user profile sinceMs ttlMs
--- @args renewMs
--- @reply ok: noted...
-- Stores profiles from credentials. All users belong to one group, whose keys share a hash tag
-- (PROFILE_GROUPS in keys.ts). The profile in a credential replaces the stored profile if the credential was
-- issued after the stored profile was set. If both profiles are the same, and the record was last written
-- more than `renew_ms` ago, the record is written again, so that it does not expire. For each user the reply
-- has three elements: when the stored profile was set (in ms since 1970), the profile, and the remaining TTL
-- in ms. read.lua describes the record.

local reply = { 'ok' }
for number = 1, users_count do
  local noted = users_at(number)
  local record = redis.call('GET', noted.record)
  local since_before, profile = string.match(record or '', '^(%d+) (.*)$')
  local since = tonumber(since_before or 0)
  local remaining = record and redis.call('PTTL', noted.record) or 0
  local ttl, noted_since = tonumber(noted.ttl_ms), tonumber(noted.since_ms)
  local is_news = profile ~= noted.profile and (not record or noted_since > since)
  local is_old = profile == noted.profile and remaining < ttl - tonumber(renew_ms)
  if is_news or is_old then
    since, profile, remaining = math.max(since, noted_since), noted.profile, ttl
    local text = string.format('%.0f', since)
    redis.call('SET', noted.record, text .. ' ' .. profile, 'PX', ttl)
    if is_news then publish_profile(noted.user, text, profile) end
  end
  reply[#reply + 1] = string.format('%.0f', since)
  reply[#reply + 1] = profile
  reply[#reply + 1] = string.format('%.0f', remaining)
end
return reply
