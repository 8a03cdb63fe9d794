-- Writes new members into the open season of some windows, with the same result as that many submits but much
-- faster.
-- Runs after the Lua entry codec of leaderboards, in the same script.
-- KEYS  1 board's meta  2... ranking and records per window
-- ARGV  1 number of the first member  2 number of members  3 format of their ids, such as player-%d  4 format
--       of their profiles
-- Returns nothing. Scores are integers below a million, and the same in every run.

local first, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local order = redis.call('HGET', KEYS[1], 'order')
math.randomseed(first)

local now = redis.call('TIME')
local reached_at = now[1] * 1000 + math.floor(now[2] / 1000)
local ranking, records = {}, {}
for number = first, first + count - 1 do
  local id = string.format(ARGV[3], number)
  local place = place_of(order, '', 0, number + 1)
  ranking[#ranking + 1] = math.floor(math.random() * 1000000)
  ranking[#ranking + 1] = place .. id
  records[#records + 1] = id
  local profile = string.gsub(ARGV[4], '%%d', number)
  records[#records + 1] = record_of(place, reached_at, profile, '')
end
for at = 2, #KEYS, 2 do
  redis.call('ZADD', KEYS[at], unpack(ranking))
  redis.call('HSET', KEYS[at + 1], unpack(records))
end
redis.call('HSET', KEYS[1], 'offset', string.format('%.0f', first + count))
