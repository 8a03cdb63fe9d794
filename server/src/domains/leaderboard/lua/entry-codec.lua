-- The entry codec: how Redis stores the entries of a season. entry-codec.ts reads what this file writes.
--
-- The ranking is a ZSET. Its score is the entry's score; equal scores are ordered by the ZSET member, a
-- place and the id:
--
--   place   = sign of the subscore, one byte: 'a' negative, 'b' zero, 'c' positive
--             the subscore, 8 bytes, omitted when zero: big-endian double, all bits inverted when negative.
--             With subscoreOrder "reverse": 'A', 'B' or 'C', and the subscore's negative in the same form
--             the sequence, 6 bytes big-endian: the board's offset when the score was reached, counted
--             down in a board that ranks high scores first, so that the earlier entry ranks higher
--
-- Bytes compare like the numbers that they encode, so ZRANK and ZREVRANK are exact ranks.
--
-- The records are a HASH from id to
--
--   place, reachedAt in ms (6 bytes), length of the profile (2 bytes), profile JSON, metadata JSON

local MAX_SEQUENCE = 281474976710655
local SEQUENCE_BYTES = 6

local function inverted(bytes)
  return (string.gsub(bytes, '.', function(byte) return string.char(255 - string.byte(byte)) end))
end

local function place_of(order, subscore_order, subscore, sequence)
  local ordered = order == 'desc' and MAX_SEQUENCE - sequence or sequence
  local tail = struct.pack('>I6', ordered)
  local is_reverse = subscore_order == 'reverse'
  if is_reverse then subscore = -subscore end
  if subscore == 0 then return (is_reverse and 'B' or 'b') .. tail end
  if subscore > 0 then return (is_reverse and 'C' or 'c') .. struct.pack('>d', subscore) .. tail end
  return (is_reverse and 'A' or 'a') .. inverted(struct.pack('>d', subscore)) .. tail
end

-- The length of the place at the start of a ZSET member or a record.
local function place_length(bytes)
  local sign = string.byte(bytes)
  return (sign == 98 or sign == 66) and 7 or 15
end

local function place_in(record) return string.sub(record, 1, place_length(record)) end

-- The part of a place that level entries share: all but the sequence.
local function pair_in(bytes) return string.sub(bytes, 1, place_length(bytes) - SEQUENCE_BYTES) end

-- The member of the distinct scores' ZSET that stands for all entries level with this one. It contains the
-- score, because entries with different scores can have the same pair. Adding 0 turns -0 into 0.
local function distinct_member(score, bytes)
  return pair_in(bytes) .. struct.pack('>d', tonumber(score) + 0)
end

local function id_in(zset_member) return string.sub(zset_member, place_length(zset_member) + 1) end

-- The ids of ZSET members that are followed by their scores, as ZRANGE replies them.
local function ids_in(found)
  local byte, sub = string.byte, string.sub
  local ids, count = {}, 0
  for at = 1, #found, 2 do
    local sign = byte(found[at])
    count = count + 1
    ids[count] = sub(found[at], (sign == 98 or sign == 66) and 8 or 16)
  end
  return ids
end

local function subscore_in(record)
  local sign = string.sub(record, 1, 1)
  if sign == 'b' or sign == 'B' then return 0 end
  local bytes = string.sub(record, 2, 9)
  if sign == 'a' or sign == 'A' then bytes = inverted(bytes) end
  local subscore = struct.unpack('>d', bytes)
  return (sign == 'A' or sign == 'C') and -subscore or subscore
end

local function reached_at_in(record) return (struct.unpack('>I6', record, place_length(record) + 1)) end

local function texts_in(record)
  local at = place_length(record) + 7
  local profile_length, from = struct.unpack('>I2', record, at)
  return string.sub(record, from, from + profile_length - 1), string.sub(record, from + profile_length)
end

local function record_of(place, reached_at, profile, metadata)
  return place .. struct.pack('>I6', reached_at) .. struct.pack('>I2', #profile) .. profile .. metadata
end
