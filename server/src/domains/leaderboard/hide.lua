--- @include ./writing.lua
-- Hides a member: takes its entries out of the rankings, and all that it submits from now on stays out of them.
-- KEYS, ARGV  writing.lua, then  1 member
-- Returns {"ok"}, or what writing.lua says.

local now = now_ms()
local windows, own, order = writing(now, { 'order' })
if not windows then return own end
local member = ARGV[own]
redis.call('SADD', KEYS[5], member)
for _, season in ipairs(windows) do
  local _, score, record, is_hidden = find(order, season, member)
  if record and not is_hidden then
    local zset_member = place_in(record) .. member
    leave(order, season, score, zset_member)
    redis.call('ZADD', season.hidden, score, zset_member)
  end
end
return changed(now, { 'ok' })
