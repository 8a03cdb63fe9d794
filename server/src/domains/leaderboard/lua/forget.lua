--- @keys meta seasons
--- @include ./field-rankings.lua
--- @keys listedSeasons[]: ranking records hidden distinct values
--- @args plan
--- @args listedSeasons[]: window season
-- Deletes the closed seasons that a node has listed because they exceed the board's `retainSeasons`.
-- `plan` identifies the windows and the timezone that the node has cached. If the board now has other windows
-- or another timezone, the node may have listed the wrong seasons, so the script deletes nothing.

if redis.call('HGET', META_KEY, 'plan') ~= plan then return { 'ok' } end
for number = 1, listed_seasons_count do
  local listed = listed_seasons_at(number)
  -- If a window was removed and added again, its open season may have the id of a listed season.
  if redis.call('HGET', META_KEY, 'open:' .. listed.window) ~= listed.season then
    redis.call('HDEL', SEASONS_KEY, listed.window .. ' ' .. listed.season)
    unlink_season(listed)
  end
end
return { 'ok' }
