--- @include ./season.lua
-- The HASH of a board's seasons. The field "<window> <season>" has the value
-- "<starts> <ends> <closed> <closing_offset> <total>". A part that does not exist is "-", such as `closed` of
-- an open season.
--   starts, ends    when the season starts, and when it ends by the calendar, in ms
--   closed          when the season was closed, in ms
--   closing_offset  the offset of the close in the board's channel (the number of its publication)
--   total           the final number of entries

local function season_text(starts, ends, closed, closing_offset, total)
  local function whole(number) return number and string.format('%.0f', number) or '-' end
  return table.concat(
    { whole(starts), whole(ends), whole(closed), whole(closing_offset), whole(total) },
    ' '
  )
end

-- The period in a season's id: "2026-W48" of "2026-W48.2", the second season of that period.
local function period_of(season) return string.match(season, '^[^.]+') end

-- The id of a window's next season: the period, or the period with the first unused number ("2026-W48.2").
-- `before` is the id of the window's last season. If it has the same period, the search begins at its number:
-- the records of earlier seasons may have been deleted, but their ids must not be used again.
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
