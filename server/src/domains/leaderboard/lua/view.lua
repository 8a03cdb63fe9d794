--- @include ./season.lua
--- @include ./pages.lua
-- What watchers of a window see: the top of its open season, the entries of some members, and which of its seasons were
-- closed meanwhile.
-- KEYS  1 board's meta  2 seasons  3... window (season.lua)
-- ARGV  1 plan  2... window (season.lua)  6 how many at the top  7 offset behind which closings are told  8... members
-- Returns {"ok", epoch, offset, total, now in ms, {id, score, record, ...}, {closed season, its text (season-record.lua), ...},
-- and for each member {rank, score, record} or {}}, or what season.lua says. Members see themselves, hidden or not.

local meta, seasons = KEYS[1], KEYS[2]
local season = believed_window(3, 2)
local now = now_ms()
local wrong = disproved(meta, seasons, ARGV[1], { season }, now)
if wrong then return wrong end
local epoch, offset, order, closing = unpack(redis.call('HMGET', meta, 'epoch', 'offset', 'order', 'closing'))

local closings = {}
if tonumber(closing) > tonumber(ARGV[7]) then
  local known = redis.call('HGETALL', seasons)
  for at = 1, #known, 2 do
    local window, name = string.match(known[at], '^(%S+) (%S+)$')
    local closing_of = tonumber(string.match(known[at + 1], '^%S+ %S+ %S+ (%d+)'))
    if window == season.name and closing_of and closing_of > tonumber(ARGV[7]) then
      closings[#closings + 1] = name
      closings[#closings + 1] = known[at + 1]
    end
  end
end

local reply = { 'ok', epoch, offset, tostring(redis.call('ZCARD', season.ranking)), string.format('%.0f', now),
  rows(order, season, 0, ARGV[6] - 1), closings }
for at = 8, #ARGV do
  local rank, score, record = find(order, season, ARGV[at])
  reply[#reply + 1] = rank and { tostring(rank + 1), score, record } or {}
end
return reply
