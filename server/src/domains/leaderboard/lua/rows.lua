--- @include ./ranking.lua
-- Reads single entries and rows of the ranking, without ranks under a rule.

-- One member's entry as a viewer may see it, nil when it is hidden from them. The viewer "" sees hidden
-- entries, and so does the member itself.
local function find_for(viewer, order, season, id)
  local rank, score, record, is_hidden = find(order, season, id)
  if is_hidden and viewer ~= '' and viewer ~= id then return nil end
  return rank, score, record, is_hidden
end

-- The entries from rank `first` to rank `last`, flat: id, score, record.
local function rows(order, season, first, last)
  local found = range(order, season.ranking, first, last)
  local ids = {}
  for at = 1, #found, 2 do
    ids[#ids + 1] = id_in(found[at])
  end
  if #ids == 0 then return {} end
  local records = redis.call('HMGET', season.records, unpack(ids))
  local flat = {}
  for at = 1, #ids do
    flat[#flat + 1] = ids[at]
    flat[#flat + 1] = found[2 * at]
    flat[#flat + 1] = records[at]
  end
  return flat
end
