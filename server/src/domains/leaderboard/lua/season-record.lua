--- @include ./season.lua
-- The HASH of a board's seasons, from "<window> <season>" to "<starts> <ends> <closed> <closing> <total>":
-- its period and its close in ms, the board's offset at the close, its final number of entries. "-" stands
-- for a value that does not apply.

local function season_text(starts, ends, closed, closing, total)
  local function whole(number) return number and string.format('%.0f', number) or '-' end
  return table.concat({ whole(starts), whole(ends), whole(closed), whole(closing), whole(total) }, ' ')
end

-- The period in a season's id, without the number of a later season in the same period.
local function period_of(season) return string.match(season, '^[^.]+') end

-- The id of a window's next season: the period itself, or the period with the first unused number. After a
-- season of the same period it continues from that season's number, because records of earlier ones may be
-- deleted.
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
