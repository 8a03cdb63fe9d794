--- @include ./reading.lua
-- The entries of some members.
-- KEYS, ARGV 1-6  reading.lua
-- ARGV  7 who asks: a member, "" for a server  8... members
-- Returns {"ok", the board's order, for each member {rank from 1, the same under the rule, score, record} or {}}, or what reading.lua says.

local order, season, rule = reading()
if not order then return season end
local reply = { 'ok', order }
for at = 8, #ARGV do
  local rank, score, record = find_for(ARGV[7], order, season, ARGV[at])
  if rank then
    local under = rank_under(rule, order, season, rank, score, place_in(record) .. ARGV[at])
    reply[#reply + 1] = { tostring(rank + 1), tostring(under + 1), score, record }
  else
    reply[#reply + 1] = {}
  end
end
return reply
