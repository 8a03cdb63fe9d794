-- How a board lays out its entries: the one place that knows, with its reader in layout.ts.
--
-- The ranking is a ZSET whose score is the entry's score, exact to the last bit. Entries of equal score
-- are ordered by the ZSET's member, which is the entry's place followed by the id:
--
--   place   = sign of the subscore, one byte: 'a' negative, 'b' zero, 'c' positive
--             the subscore, 8 bytes, left out when zero: big-endian double, its bits turned over when negative
--             the sequence, 6 bytes big-endian: the board's offset when the score was reached,
--             counted down in a board that ranks high scores first, so that earlier ranks higher
--
-- Bytes compare like the numbers they stand for, so ZRANK and ZREVRANK are exact ranks.
--
-- The records are a HASH from id to
--
--   place, reachedAt in ms (6 bytes), length of the profile (2 bytes), profile JSON, metadata JSON

local MAX_SEQUENCE = 281474976710655
local SEQUENCE_BYTES = 6

local function turned_over(bytes)
  return (string.gsub(bytes, '.', function(byte) return string.char(255 - string.byte(byte)) end))
end

local function place_of(order, subscore, sequence)
  local ordered = order == 'desc' and MAX_SEQUENCE - sequence or sequence
  local tail = struct.pack('>I6', ordered)
  if subscore == 0 then return 'b' .. tail end
  if subscore > 0 then return 'c' .. struct.pack('>d', subscore) .. tail end
  return 'a' .. turned_over(struct.pack('>d', subscore)) .. tail
end

-- The length of the place at the start of a ZSET member or a record.
local function place_length(bytes)
  return string.byte(bytes) == 98 and 7 or 15
end

local function place_in(record)
  return string.sub(record, 1, place_length(record))
end

-- What entries that are level have in common: the place up to the sequence.
local function pair_in(bytes)
  return string.sub(bytes, 1, place_length(bytes) - SEQUENCE_BYTES)
end

-- The ZSET member that stands for all entries that are level with this one, among a season's distinct scores. It orders
-- equal scores as the ranking does, and names the score itself too: zero, here, has one sign.
local function distinct_member(score, bytes)
  return pair_in(bytes) .. struct.pack('>d', tonumber(score) + 0)
end

local function id_in(zset_member)
  return string.sub(zset_member, place_length(zset_member) + 1)
end

local function subscore_in(record)
  local sign = string.sub(record, 1, 1)
  if sign == 'b' then return 0 end
  local bytes = string.sub(record, 2, 9)
  if sign == 'a' then bytes = turned_over(bytes) end
  return (struct.unpack('>d', bytes))
end

local function reached_at_in(record)
  return (struct.unpack('>I6', record, place_length(record) + 1))
end

local function texts_in(record)
  local at = place_length(record) + 7
  local profile_length, from = struct.unpack('>I2', record, at)
  return string.sub(record, from, from + profile_length - 1), string.sub(record, from + profile_length)
end

local function record_of(place, reached_at, profile, metadata)
  return place .. struct.pack('>I6', reached_at) .. struct.pack('>I2', #profile) .. profile .. metadata
end
