--- @include ./write.lua
--- @args member metadata
--- @reply ok:
--- @reply no_entry:
--- @reply fieldValue: field
--- @reply maxValuesPerField: limit field
-- Replaces the metadata of a member's entry; "" removes the metadata. A board has windows, such as daily and
-- weekly. The script changes the entry in the open season of each window. Score, rank and time do not change.

local now = now_ms()
local windows, order, max_values = begin_write(now, { 'order', 'maxValuesPerField' })
if not windows then return order end

local changes = {}
for _, season in ipairs(windows) do
  local zset_score, zset_member, record, is_hidden = locate(season, member)
  if zset_score then
    local profile, old_metadata, own_time = texts_in(record)
    local broken = not is_hidden and broken_field(season, old_metadata, metadata, tonumber(max_values))
    if broken then return broken end
    changes[#changes + 1] = {
      season = season,
      zset_score = zset_score,
      zset_member = zset_member,
      old_record = record,
      record = record_of(prefix_in(record), own_time, profile, metadata),
      is_hidden = is_hidden,
      old_metadata = old_metadata,
    }
  end
end
if #changes == 0 then return { 'no_entry' } end
for _, change in ipairs(changes) do
  local season = change.season
  set_record(season, member, change.old_record, change.record)
  if not change.is_hidden then
    move_values(order, season, change.zset_score, change.zset_member, change.old_metadata, metadata)
  end
end
return finish_write(now, { 'ok' })
