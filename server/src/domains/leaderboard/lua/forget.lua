--- @keys meta seasons
--- @include ./field-rankings.lua
--- @keys listedSeasons[]: ranking records hidden distinct values
--- @args plan
--- @args listedSeasons[]: window season
-- Deletes the closed seasons that a node has listed because they exceed the board's `retainSeasons`. If the
-- board has another window plan than the node's cache, the node may have listed the wrong seasons, so nothing
-- is deleted.

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
