--- @keys record fetch
--- @args token claimMs retainMs freshMs unknownMs
--- @reply ok: isMine record remainingMs
-- Gives the caller the claim to fetch a user's profile, unless the profile is fresh or another node has the
-- claim. A claim expires after `claim_ms`, so that a node can fetch again after a failed fetch.

local record = redis.call('GET', RECORD_KEY)
local remaining = record and redis.call('PTTL', RECORD_KEY) or 0
local is_unknown = record and string.match(record, '^%d+ unknown$')
local fresh_for = tonumber(is_unknown and unknown_ms or fresh_ms)
local is_fresh = record and tonumber(retain_ms) - remaining < fresh_for
local is_mine = not is_fresh and redis.call('SET', FETCH_KEY, token, 'PX', claim_ms, 'NX')
return { 'ok', is_mine and '1' or '0', record or '', string.format('%.0f', remaining) }
