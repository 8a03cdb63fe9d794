--- @include ./ranking.lua
--- @keys meta
--- @keys seasons[]: ranking records hidden values
--- @args member
--- @reply ok: order entries...
-- Reads a member's entries in some seasons. `entries` has for each season {ZSET member, point, record, "1" if
-- the entry is hidden or else "0"}, or {} if the member has no entry.

local reply = { 'ok', redis.call('HGET', META_KEY, 'order') or '' }
for number = 1, seasons_count do
  local point, zset_member, record, is_hidden = locate(seasons_at(number), member)
  reply[2 + number] = point and { zset_member, point, record, is_hidden and '1' or '0' } or {}
end
return reply
