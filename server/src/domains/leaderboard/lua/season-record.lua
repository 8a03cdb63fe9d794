--- @include ./season.lua
-- What a board notes of its seasons.
--
-- The board's seasons are a HASH from "<window> <season>" to "<starts> <ends> <closed> <closing> <total>": when it
-- begins and ends by the calendar and when it was closed in ms, the board's offset at its closing, its final number
-- of entries; "-" for what does not apply.

local function season_text(starts, ends, closed, closing, total)
  local function whole(number) return number and string.format('%.0f', number) or '-' end
  return table.concat({ whole(starts), whole(ends), whole(closed), whole(closing), whole(total) }, ' ')
end

-- The period that a season's id names, without the number of a later season in it.
local function period_of(season)
  return string.match(season, '^[^.]+')
end

-- The id of a window's next season, in a period: the period's own, or with the first number that no season has. Behind a
-- season of the same period it goes on counting, as earlier ones may be forgotten.
local function next_season(seasons, window, period, before)
  local season, number = period, 1
  if before and period_of(before) == period then
    number = tonumber(string.match(before, '%.(%d+)$') or 1)
    season = before
  end
  while season == before or redis.call('HEXISTS', seasons, window .. ' ' .. season) == 1 do
    number = number + 1
    season = period .. '.' .. number
  end
  return season
end
