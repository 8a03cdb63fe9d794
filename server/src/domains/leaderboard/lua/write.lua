--- @include ../../../redis/lua/idempotency.lua
--- @include ./season.lua
--- @include ./ranking-changes.lua
--- @keys answer topic hiddenMembers
--- @args fingerprint answerTtlMs publishCommand
--- @include ./notify.lua
-- The start and the end of every script that changes entries of the open seasons.

-- Returns the windows and the values of `more` fields of the board; or nil and the reply: the first answer
-- to a repeat, or a stale cache.
local function begin_write(now, more)
  local first = first_answer(ANSWER_KEY, fingerprint)
  if first then return nil, first end
  local windows = cached_windows()
  more[#more + 1] = 'fields'
  local board = { check_cache(windows, now, more) }
  if board[1] then return nil, board[1] end
  local fields = board[1 + #more]
  if fields then ranked_fields = cjson.decode(fields) end
  return windows, unpack(board, 2, #more)
end

-- Counts one change of the board, notifies watchers, and keeps and returns the reply.
local function finish_write(now, reply)
  count_change(now)
  return answer(ANSWER_KEY, fingerprint, answer_ttl_ms, reply)
end
