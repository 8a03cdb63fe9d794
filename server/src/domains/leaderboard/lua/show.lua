--- @include ./write.lua
--- @args member
--- @reply ok:
--- @reply fieldValue: field
--- @reply maxValuesPerField: limit field
-- Shows a hidden member again: moves the member's entries back to the rankings, with their current scores.

local now = now_ms()
local windows, order, max_entries, max_values =
  begin_write(now, { 'order', 'maxEntries', 'maxValuesPerField' })
if not windows then return order end

local returning = {}
for _, season in ipairs(windows) do
  local zset_score, zset_member, record, is_hidden = locate(season, member)
  if is_hidden then
    local _, metadata = texts_in(record)
    local broken = broken_field(season, '', metadata, tonumber(max_values))
    if broken then return broken end
    returning[#returning + 1] =
      { season = season, zset_score = zset_score, zset_member = zset_member, metadata = metadata }
  end
end
local most = tonumber(max_entries or math.huge)
redis.call('SREM', HIDDEN_MEMBERS_KEY, member)
for _, entry in ipairs(returning) do
  redis.call('ZREM', entry.season.hidden, entry.zset_member)
  put_in(entry.season, entry.zset_score, entry.zset_member, entry.metadata)
  trim(order, entry.season, most, 1)
end
return finish_write(now, { 'ok' })
