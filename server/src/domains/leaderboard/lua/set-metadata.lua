--- @include ./write.lua
--- @args member metadata
--- @reply ok:
--- @reply no_entry:
--- @reply fieldValue: field
--- @reply maxValuesPerField: limit field
-- Replaces the metadata of a member's entry in the open season of every window; "" removes it. Score, rank
-- and time stay.

local now = now_ms()
local windows, order, max_values = begin_write(now, { 'order', 'maxValuesPerField' })
if not windows then return order end

local changes = {}
for _, season in ipairs(windows) do
  local _, score, record, is_hidden = find(order, season, member)
  if record then
    local profile, old_metadata = texts_in(record)
    local broken = not is_hidden and broken_field(season, old_metadata, metadata, tonumber(max_values))
    if broken then return broken end
    changes[#changes + 1] = {
      season = season,
      score = score,
      record = record,
      is_hidden = is_hidden,
      profile = profile,
      old_metadata = old_metadata,
    }
  end
end
if #changes == 0 then return { 'no_entry' } end
for _, change in ipairs(changes) do
  local season, place = change.season, place_in(change.record)
  local record = record_of(place, reached_at_in(change.record), change.profile, metadata)
  redis.call('HSET', season.records, member, record)
  if not change.is_hidden then
    move_values(order, season, change.score, place .. member, change.old_metadata, metadata)
  end
end
return finish_write(now, { 'ok' })
