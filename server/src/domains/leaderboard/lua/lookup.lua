--- @include ./read.lua
--- @args viewer
--- @args members[]
--- @reply ok: order entries...
-- Reads the entries of some members. `entries` has for each member {ordinal rank, rank by `rule`, ZSET
-- member, ZSET score, record}, or {} if the member has no entry. The argument `rule` (read.lua) decides how
-- equal scores rank. Both ranks count from 1.

local order, season = begin_read()
if not order then return season end
local reply = { 'ok', order }
for number = 1, members_count do
  local member = members_at(number)
  local rank, zset_score, zset_member, record = find_for(viewer, order, season, member)
  if rank then
    local under = rank_under(order, season, rank, zset_score, zset_member)
    reply[#reply + 1] = { tostring(rank + 1), tostring(under + 1), zset_member, zset_score, record }
  else
    reply[#reply + 1] = {}
  end
end
return reply
