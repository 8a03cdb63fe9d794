--- @include ./ranking.lua
--- @include ../../shared/lua/outbox.lua
--- @args rankedTop
-- Queues an event when a submit changed ranks within the first `ranked_top`.

local RANKED_TOP = tonumber(ranked_top)

-- An id may be any bytes (stored-id.ts), and the event is JSON.
local function hex(id)
  return (string.gsub(id, '.', function(byte) return string.format('%02x', string.byte(byte)) end))
end

-- The values of the event: window, season, then for each change the member in hex, the score, and the rank
-- now and before, counted from 1; "" for a member who had no rank. The first change is that of the submitted
-- entry. Every entry between its two ranks moved by one.
--- @rare
local function queue_rank_change(order, entry, id, now)
  local before, after = entry.rank_before, entry.rank
  if before == after or math.min(before or after, after) >= RANKED_TOP then return end
  local function whole(rank) return rank and string.format('%.0f', rank + 1) or '' end
  local season = entry.season
  local changes = { season.name, season.season, hex(id), exact(entry.score), whole(after), whole(before) }
  local has_risen = not before or after < before
  local first = has_risen and after + 1 or before
  -- The last one may be an entry that has just left the first ranks.
  local last = has_risen and math.min(before or RANKED_TOP, RANKED_TOP) or math.min(after, RANKED_TOP) - 1
  local moved = range(order, season.ranking, first, last)
  for at = 1, #moved, 2 do
    local rank = first + (at - 1) / 2
    changes[#changes + 1] = hex(id_in(moved[at]))
    changes[#changes + 1] = exact(score_in(moved[at + 1], moved[at]))
    changes[#changes + 1] = whole(rank)
    changes[#changes + 1] = whole(has_risen and rank - 1 or rank + 1)
  end
  queue_event('leaderboard.rank_changed', now, unpack(changes))
end
