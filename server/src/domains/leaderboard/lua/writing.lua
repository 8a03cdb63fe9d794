--- @include ../../../redis/lua/idempotency.lua
--- @include ./season.lua
--- @include ./standing.lua
--- @include ./change.lua
-- How every script that changes entries begins.
-- KEYS  1 board's meta  2 kept answer  3 topic  4 seasons  5 hidden members  6... windows (season.lua)
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH  4 plan  5 number of windows
--       6... windows (season.lua)
-- What it replies instead of its own: the first answer to a repeat, {"idempotency"}, or what season.lua says.

-- The windows, where the script's own arguments begin, and the values of `more` fields of the board; or nil and the reply
-- to give.
local function writing(now, more)
  local known = first_answer(KEYS[2], ARGV[1])
  if known then return nil, known end
  local windows, own = believed_windows(6, 5)
  local board = { disproved(KEYS[1], KEYS[4], ARGV[4], windows, now, more) }
  if board[1] then return nil, board[1] end
  return windows, own, unpack(board, 2, 1 + #(more or {}))
end

-- Keeps and returns the reply of a change, and tells watchers of it.
local function changed(now, reply)
  local meta = KEYS[1]
  notify(ARGV[3], meta, KEYS[3], redis.call('HGET', meta, 'epoch'), redis.call('HINCRBY', meta, 'offset', 1), now)
  return answer(KEYS[2], ARGV[1], ARGV[2], reply)
end
