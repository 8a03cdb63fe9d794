--- @include ../../../redis/lua/idempotency.lua
--- @include ./field-rankings.lua
--- @keys meta topic seasons hiddenMembers
--- @keys listedSeasons[]: ranking records hidden distinct values
--- @args publishCommand
--- @args listedSeasons[]: window season
--- @reply ok: isNow
--- @reply not_found:
--- @reply seasons:
-- Deletes a board with all its seasons, and notifies the nodes that follow the board. Replies `seasons` if
-- `listed_seasons` are not exactly the board's seasons, because the script deletes only the seasons whose
-- keys the node has named.
--   isNow  "now" if this run deleted the board; absent from the reply to a repeated idempotency key

local first = first_reply()
if first then return first end

local board = redis.call('HMGET', META_KEY, 'epoch', 'offset')
if not board[1] then return { 'not_found' } end
if redis.call('HLEN', SEASONS_KEY) ~= listed_seasons_count then return { 'seasons' } end
for number = 1, listed_seasons_count do
  local listed = listed_seasons_at(number)
  local field = listed.window .. ' ' .. listed.season
  if redis.call('HEXISTS', SEASONS_KEY, field) == 0 then return { 'seasons' } end
end
redis.call('UNLINK', META_KEY, SEASONS_KEY, HIDDEN_MEMBERS_KEY)
for number = 1, listed_seasons_count do
  unlink_season(listed_seasons_at(number))
end
redis.call(publish_command, TOPIC_KEY, board[1] .. ' ' .. string.format('%.0f', board[2] + 1))
keep_reply({ 'ok' })
return { 'ok', 'now' }
