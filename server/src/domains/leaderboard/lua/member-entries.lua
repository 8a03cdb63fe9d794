--- @include ./ranking.lua
--- @keys meta
--- @keys seasons[]: ranking records hidden
--- @args member
--- @reply ok: order entries...
-- Reads a member's entries in some seasons. `entries` has one element for each season: {} if the member has
-- no entry, or else {ZSET member, ZSET score, record, is_hidden}:
--   record     what Redis keeps of the entry outside of the ranking (entry-codec.lua); "" for nothing
--   is_hidden  "1" if the entry is hidden, or else "0"

local reply = { 'ok', redis.call('HGET', META_KEY, 'order') or '' }
for number = 1, seasons_count do
  local zset_score, zset_member, record, is_hidden = locate(seasons_at(number), member)
  reply[2 + number] = zset_score and { zset_member, zset_score, record, is_hidden and '1' or '0' } or {}
end
return reply
