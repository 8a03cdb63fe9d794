--- @include ./season.lua
-- The HASH of a board's seasons. A field is "<window> <season>", and its value
-- "<starts> <ends> <closed> <closing> <total>": when the season starts, ends by its calendar and was
-- closed, in ms; the board's offset at the close; and the final number of entries. "-" stands for a value
-- that does not exist, such as the close of an open season.

local function season_text(starts, ends, closed, closing, total)
  local function whole(number) return number and string.format('%.0f', number) or '-' end
  return table.concat({ whole(starts), whole(ends), whole(closed), whole(closing), whole(total) }, ' ')
end

-- The period in a season's id: "2026-W48" of "2026-W48.2", the second season of that period.
local function period_of(season) return string.match(season, '^[^.]+') end

-- The id of a window's next season: the period, or the period with the first unused number ("2026-W48.2"). If
-- the season `before` has the same period, the search begins at its number, because the records of earlier
-- seasons may have been deleted and their ids must not be used again.
local function next_season(window, period, before)
  local season, number = period, 1
  if before and period_of(before) == period then
    number = tonumber(string.match(before, '%.(%d+)$') or 1)
    season = before
  end
  while season == before or redis.call('HEXISTS', SEASONS_KEY, window .. ' ' .. season) == 1 do
    number = number + 1
    season = period .. '.' .. number
  end
  return season
end
