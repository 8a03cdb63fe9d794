-- Writes new members into a board, much faster than submits. The board ranks by windows, such as daily. Each
-- member gets an entry in the open season (the current period) of each window. The entries are the same as
-- after submits, but subscribers get no notice.
-- The code of entry-codec.lua and records.lua is put in front of this script.
-- KEYS  1 board's meta  2... ranking and records per window
-- ARGV  1 number of the first member  2 fraction, added to each score
--       3 JSON of a member's profile, with "%d" in place of the member's number; "" for no profiles
--       4... the members' ids as they are stored
-- Returns nothing. Each score is a random integer below a million, plus the fraction. The number of the first
-- member seeds the scores, so every filling of a board has the same scores.

local first, fraction = tonumber(ARGV[1]), tonumber(ARGV[2])
local order, last_sequence = unpack(redis.call('HMGET', KEYS[1], 'order', 'sequence'))
math.randomseed(first)

local now = redis.call('TIME')
local first_sequence =
  math.max(sequence_at(now[1] * 1000000 + now[2]), next_step(tonumber(last_sequence)))
local sequence = first_sequence
-- The last sequence used for each score. A sequence is a number that orders entries with the same score
-- (entry-codec.lua).
local sequences = {}
local ranking, seasons = {}, {}
for at = 2, #KEYS, 2 do
  seasons[#seasons + 1] = { ranking = KEYS[at], records = KEYS[at + 1] }
end
for at = 4, #ARGV do
  local id, number = ARGV[at], first + at - 4
  local score = math.floor(math.random() * 1000000) + fraction
  local own_sequence = sequences[score] and next_step(sequences[score]) or first_sequence
  sequences[score] = own_sequence
  sequence = math.max(sequence, own_sequence)
  local zset_score, prefix = place_of(order, '', score, 0, own_sequence)
  ranking[#ranking + 1] = zset_score
  ranking[#ranking + 1] = prefix .. id
  local record = record_of(prefix, nil, (string.gsub(ARGV[3], '%%d', number)), '')
  for _, season in ipairs(seasons) do
    set_record(season, id, '', record)
  end
end
for _, season in ipairs(seasons) do
  redis.call('ZADD', season.ranking, unpack(ranking))
end
redis.call('HINCRBY', KEYS[1], 'offset', #ARGV - 3)
redis.call('HSET', KEYS[1], 'sequence', exact(sequence))
