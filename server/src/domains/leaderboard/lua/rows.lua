--- @include ./ranking.lua
-- Reads single entries and rows of the ranking, without ranks under a rule.

-- One member's entry as a viewer may see it, nil when it is hidden from them. The viewer "" sees hidden
-- entries, and so does the member itself.
local function find_for(viewer, order, season, id)
  local rank, point, zset_member, record, is_hidden = find(order, season, id)
  if is_hidden and viewer ~= '' and viewer ~= id then return nil end
  return rank, point, zset_member, record
end

-- The entries from rank `first` to rank `last` as one string, which costs less than a list of strings: the
-- MessagePack of two lists, the ZSET members with their points, and the records. "" without entries. Returns
-- also the first ZSET member and its point.
local function rows(order, season, first, last)
  local found = range(order, season.ranking, first, last)
  if #found == 0 then return '' end
  local records = redis.call('HMGET', season.records, unpack(ids_in(found)))
  return cmsgpack.pack(found, records), found[1], found[2]
end
