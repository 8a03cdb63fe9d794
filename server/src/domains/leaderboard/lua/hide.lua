--- @include ./writing.lua
-- Hides a member: takes its entries out of the rankings, and all that it submits from now on stays out of them.
-- KEYS, ARGV  writing.lua, then  1 member
-- Returns {"ok"}, or what writing.lua says.

local now = now_ms()
local windows, own, order, max_entries = writing(now, { 'order', 'maxEntries' })
if not windows then return own end
local member = ARGV[own]
local most = tonumber(max_entries or math.huge)
redis.call('SADD', KEYS[5], member)
for _, season in ipairs(windows) do
  local _, score, record, is_hidden = find(order, season, member)
  if record and not is_hidden then
    local zset_member = place_in(record) .. member
    leave(order, season, score, zset_member)
    redis.call('ZADD', season.hidden, score, zset_member)
    trim(order, season, most, 1)
  end
end
return changed(now, { 'ok' })
