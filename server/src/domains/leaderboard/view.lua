--- @include ./ranking.lua
-- What watchers see: the top of a board, and the entries of some members.
-- KEYS  1 board's meta  2 ranking  3 records
-- ARGV  1 how many at the top  2... members
-- Returns {epoch, offset, total, top rows as {id, score, record, ...}, and for each member {rank, score, record}
-- or {}}; {} when there is no board.

local meta, ranking, records = KEYS[1], KEYS[2], KEYS[3]
local epoch, offset, order = unpack(redis.call('HMGET', meta, 'epoch', 'offset', 'order'))
if not epoch then return {} end
local reply = { epoch, offset, tostring(redis.call('ZCARD', ranking)),
  rows(order, ranking, records, 0, ARGV[1] - 1) }
for at = 2, #ARGV do
  local rank, score, record = find(order, ranking, records, ARGV[at])
  reply[#reply + 1] = rank and { tostring(rank + 1), score, record } or {}
end
return reply
