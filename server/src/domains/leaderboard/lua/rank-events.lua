--- @include ./ranking.lua
--- @include ../../shared/lua/outbox.lua
--- @args rankedTop
-- Queues an event for webhooks if a submit changed one of the first `ranked_top` ranks.

local RANKED_TOP = tonumber(ranked_top)

-- An id as hexadecimal digits. A stored id (stored-id.ts) may contain bytes that are not valid in JSON.
local function hex(id)
  return (string.gsub(id, '.', function(byte) return string.format('%02x', string.byte(byte)) end))
end

-- The event's values are the window, the season, and four for each change: the member in hex, the score,
-- the new rank, and the former rank. Ranks in the event count from 1; the former rank of a new entry is "".
-- The first change is the submitted entry. The others are the entries between its former and its new rank;
-- each moved by one rank. `@lazy` makes Redis create this function only in the runs that call it.
--- @lazy
local function queue_rank_change(order, entry, id, now)
  local before, after = entry.rank_before, entry.rank
  if before == after or math.min(before or after, after) >= RANKED_TOP then return end
  local function whole(rank) return rank and string.format('%.0f', rank + 1) or '' end
  local season = entry.season
  local changes = { season.name, season.season, hex(id), exact(entry.score), whole(after), whole(before) }
  local has_risen = not before or after < before
  local first = has_risen and after + 1 or before
  -- Ranks count from 0 here, so the top of the board has the ranks 0 to RANKED_TOP - 1. A rise can push an
  -- entry out of the top, to the rank RANKED_TOP. The event contains that entry too.
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
