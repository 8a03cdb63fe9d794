--- @keys meta seasons
--- @include ./field-rankings.lua
--- @keys listedSeasons[]: ranking records hidden distinct values
--- @args plan
--- @args listedSeasons[]: window season
-- Deletes closed seasons that the board keeps no longer. With another window plan it does nothing, because
-- other seasons may be kept then.

if redis.call('HGET', META_KEY, 'plan') ~= plan then return { 'ok' } end
for number = 1, listed_seasons_count do
  local listed = listed_seasons_at(number)
  -- A window that was removed and added again may have opened this season again.
  if redis.call('HGET', META_KEY, 'open:' .. listed.window) ~= listed.season then
    redis.call('HDEL', SEASONS_KEY, listed.window .. ' ' .. listed.season)
    unlink_season(listed)
  end
end
return { 'ok' }
