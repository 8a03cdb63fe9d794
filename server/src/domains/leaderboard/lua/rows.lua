--- @include ./ranking.lua
-- Reads entries by member and by ordinal rank. For competition and dense ranks, see pages.lua.

-- Finds a member's entry like find(), but returns nil if the entry is hidden from the viewer. A hidden entry
-- is seen only by its member and by the viewer "" (a server or a moderator).
local function find_for(viewer, order, season, id)
  local rank, zset_score, zset_member, record, is_hidden = find(order, season, id)
  if is_hidden and viewer ~= '' and viewer ~= id then return nil end
  return rank, zset_score, zset_member, record
end

-- The entries from rank `first` to rank `last` as one string, because a reply with a list of strings costs
-- Redis and the node more. The string is the MessagePack of two lists: the ZSET members alternating with
-- their ZSET scores, and the records. Without entries it is "". Also returns the ZSET member and the ZSET
-- score of the first entry.
local function rows(order, season, first, last)
  local found = range(order, season.ranking, first, last)
  if #found == 0 then return '' end
  local records = redis.call('HMGET', season.records, unpack(ids_in(found)))
  return cmsgpack.pack(found, records), found[1], found[2]
end
