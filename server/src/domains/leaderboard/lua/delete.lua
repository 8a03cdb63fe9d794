--- @include ../../../redis/lua/idempotency.lua
-- Deletes a board with all its seasons. Watchers see that it is gone.
-- KEYS  1 board's meta  2 kept answer  3 topic  4 seasons  5 hidden members  6... the keys of each season, 4 each
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH  4... "<window> <season>" of each season
-- Returns {"ok", "now"}, {"ok"} for a repeat, {"not_found"}, or {"seasons"} when it has others than those.

local meta, kept, topic, seasons, hidden_members = unpack(KEYS, 1, 5)
local known = first_answer(kept, ARGV[1])
if known then return known end

local board = redis.call('HMGET', meta, 'epoch', 'offset')
if not board[1] then return { 'not_found' } end
if redis.call('HLEN', seasons) ~= #ARGV - 3 then return { 'seasons' } end
for at = 4, #ARGV do
  if redis.call('HEXISTS', seasons, ARGV[at]) == 0 then return { 'seasons' } end
end
redis.call('UNLINK', meta, seasons, hidden_members)
-- UNLINK frees what is large in the background, so that nobody waits for it.
for at = 6, #KEYS do redis.call('UNLINK', KEYS[at]) end
redis.call(ARGV[3], topic, board[1] .. ' ' .. string.format('%.0f', board[2] + 1))
answer(kept, ARGV[1], ARGV[2], { 'ok' })
return { 'ok', 'now' }
