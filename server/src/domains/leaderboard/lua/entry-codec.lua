-- The entry codec: how Redis stores the entries of a season. entry-codec.ts reads what this file writes.
--
-- The ranking is a ZSET, which Redis sorts by ZSET score and then by ZSET member. The codec chooses both so
-- that this order is the order of the entries. An entry takes one of two forms:
--
-- * Dense, for an integer score in [LOWEST, HIGHEST] and subscore 0. The ZSET member is the id. The ZSET
--   score is a double that zset_score_of() makes from a code of 64 bits, so that ZSET scores sort like codes.
--   The code consists of:
--
--     23 bits  the score, counted from LOWEST
--     41 bits  the step: the sequence (see below) without its last 4 bits. A board that ranks high scores
--              first stores MAX_STEP minus the step, so that an earlier entry ranks higher. The stored step
--              is never 0 and never all ones
--
-- * Long, for all other entries. The ZSET score lies in the gap between the dense entries of two
--   neighbouring scores. The code of a gap consists of the higher score and the step 0. Entries in a gap have
--   the same ZSET score, so Redis sorts them by the ZSET member. The ZSET member is a prefix and the id. The
--   prefix is:
--
--     mark       1 byte      1, because no id begins with this byte
--     score      8 bytes     big-endian double, all bits inverted when negative, otherwise only the sign bit
--     sign       1 byte      of the subscore: 'a' negative, 'b' zero, 'c' positive. With subscoreOrder
--                            "reverse", the negated subscore is encoded, with the signs 'A', 'b' and 'd'
--     subscore   8 bytes     big-endian double, all bits inverted when negative; omitted when zero
--     sequence   6 bytes     big-endian; a board that ranks high scores first stores MAX_SEQUENCE minus the
--                            sequence
--
-- The codes and the bytes compare like the numbers that they encode, so ZRANK and ZREVRANK are exact ranks.
-- The sequence orders entries with the same score and subscore: the entry that reached the score first is
-- ahead. The sequence is the time in 128ths of a millisecond since SEQUENCE_EPOCH_MS. It is a little more if
-- another entry with the same time must stay ahead. So the sequence also tells when the entry reached the
-- score.
--
-- A record of an entry is
--
--   length of the prefix (1 byte), prefix, reachedAt in ms or 0 (6 bytes), length of the profile (2 bytes),
--   profile JSON, metadata JSON
--
-- A reachedAt of 0 stands for the time of the sequence. A record without anything after the prefix is a bare
-- record. With the subscore 0, a bare record has a shorter form of 14 bytes: score and sequence. A dense
-- entry has no prefix, and without profile, metadata and reachedAt it has no record. records.lua stores the
-- records.

local SEQUENCE_EPOCH_MS = 1767225600000 -- 2026-01-01
local SEQUENCES_PER_MS = 128
local SEQUENCES_PER_STEP = 16
local LOWEST, HIGHEST = -1000000, 7000000
local MARK = '\1'

local WORD = 4294967296
local HALF_WORD = 2147483648
-- The upper half of the code of LOWEST. Smaller codes, and the codes of scores far above HIGHEST, do not
-- stand for finite doubles.
local FIRST_HIGH = 1048576
local HIGH_PER_SCORE = 512
local MAX_STEP = 2199023255551
local MAX_SEQUENCE = 281474976710655
local SEQUENCE_BYTES = 6
local SHORT_RECORD_BYTES = 14

-- Formats a number without loss. Most numbers are small integers, for which %d is faster.
local function exact(number)
  if number % 1 == 0 and number < HALF_WORD and number > -HALF_WORD then
    return string.format('%d', number)
  end
  return string.format('%.17g', number)
end

local function inverted(bytes)
  return (string.gsub(bytes, '.', function(byte) return string.char(255 - string.byte(byte)) end))
end

-- A double as 8 bytes that compare like the double. Adding 0 turns -0 into 0.
local function sortable(number)
  local bytes = struct.pack('>d', number + 0)
  if number < 0 then return inverted(bytes) end
  return string.char(string.byte(bytes) + 128) .. string.sub(bytes, 2)
end

-- Turns the bytes from sortable() back into the double. `@lazy` marks a function that few runs call
-- (script-functions.ts).
--- @lazy
local function unsorted(bytes)
  local first = string.byte(bytes)
  if first < 128 then return (struct.unpack('>d', inverted(bytes))) end
  return (struct.unpack('>d', string.char(first - 128) .. string.sub(bytes, 2)))
end

-- The sequence of a time in microseconds. It has at least the step 1, because the step 0 marks gaps.
local function sequence_at(us)
  local whole_ms = math.floor(us / 1000)
  local part = math.floor((us - whole_ms * 1000) * SEQUENCES_PER_MS / 1000)
  return math.max((whole_ms - SEQUENCE_EPOCH_MS) * SEQUENCES_PER_MS + part, SEQUENCES_PER_STEP)
end

local function step_of(sequence) return math.floor(sequence / SEQUENCES_PER_STEP) end

local function next_step(sequence) return (step_of(sequence) + 1) * SEQUENCES_PER_STEP end

local function time_of_sequence(sequence)
  return SEQUENCE_EPOCH_MS + math.floor(sequence / SEQUENCES_PER_MS)
end

local function is_in_range(score)
  return score >= LOWEST and score <= HIGHEST and score == math.floor(score)
end

-- The ZSET score of a dense entry. The stored step is MAX_STEP minus the step in a board that ranks high
-- scores first, and else the step itself.
local function zset_score_of(score, stored_step)
  local high = FIRST_HIGH + (score - LOWEST) * HIGH_PER_SCORE + math.floor(stored_step / WORD)
  local low = stored_step % WORD
  -- Doubles compare like their bits if the bits of negative doubles are inverted.
  local bytes = high >= HALF_WORD and struct.pack('>I4I4', high - HALF_WORD, low)
    or struct.pack('>I4I4', WORD - 1 - high, WORD - 1 - low)
  return exact((struct.unpack('>d', bytes)))
end

-- The ZSET scores of the gaps below and above the dense entries of a score. If no dense entry can have the
-- score, both are the same gap.
local function gaps_of(score)
  if is_in_range(score) then return zset_score_of(score, 0), zset_score_of(score + 1, 0) end
  local gap = zset_score_of(math.max(LOWEST, math.min(math.floor(score), HIGHEST) + 1), 0)
  return gap, gap
end

-- The sign and the bytes of a subscore in a prefix, which compare like the subscore.
local function sortable_subscore(subscore_order, subscore)
  if subscore == 0 then return 'b' end
  local is_reverse = subscore_order == 'reverse'
  if is_reverse then subscore = -subscore end
  if subscore > 0 then return (is_reverse and 'd' or 'c') .. struct.pack('>d', subscore) end
  return (is_reverse and 'A' or 'a') .. inverted(struct.pack('>d', subscore))
end

local function is_dense(score, subscore, sequence)
  return subscore == 0 and is_in_range(score) and step_of(sequence) < MAX_STEP
end

local function dense_zset_score(order, score, sequence)
  local step = step_of(sequence)
  return zset_score_of(score, order == 'desc' and MAX_STEP - step or step)
end

-- Two bounds for ZCOUNT. The dense entries with this score lie between them if their step is not earlier than
-- the step of `sequence`.
local function zset_scores_not_ahead(order, score, sequence)
  local zset_score = dense_zset_score(order, score, sequence)
  if order == 'desc' then return '(' .. zset_score_of(score, 0), zset_score end
  return zset_score, '(' .. zset_score_of(score + 1, 0)
end

-- The ZSET score and the prefix of a long entry.
--- @lazy
local function long_place_of(order, subscore_order, score, subscore, sequence)
  local below, above = gaps_of(score)
  local subscores = sortable_subscore(subscore_order, subscore)
  -- An entry with an integer score in range and the subscore 0 is long only if its step is too late for a
  -- dense entry. So it ranks behind the dense entries of its score. Byte 98 is the sign 'b'; 'c' and 'd' sort
  -- above it.
  local is_above = subscore == 0 and order == 'asc' or string.byte(subscores) > 98
  local stored = order == 'desc' and MAX_SEQUENCE - sequence or sequence
  local prefix = MARK .. sortable(score) .. subscores .. struct.pack('>I6', stored)
  return is_above and above or below, prefix
end

-- The ZSET score and the prefix of an entry.
local function place_of(order, subscore_order, score, subscore, sequence)
  if is_dense(score, subscore, sequence) then return dense_zset_score(order, score, sequence), '' end
  return long_place_of(order, subscore_order, score, subscore, sequence)
end

-- The ZSET score and the prefix of a place behind all entries with this score and subscore.
local function place_behind(order, subscore_order, score, subscore)
  return place_of(order, subscore_order, score, subscore, MAX_SEQUENCE)
end

-- The ZSET score and the prefix of a place behind all entries with this score and any subscore.
local function place_behind_score(order, score)
  local below, above = gaps_of(score)
  if order == 'desc' then return below, MARK .. sortable(score) end
  return above, MARK .. sortable(score) .. '\255'
end

local function is_long(zset_member) return string.byte(zset_member) == 1 end

-- The length of the prefix at the start of a ZSET member.
local function prefix_length(zset_member)
  if not is_long(zset_member) then return 0 end
  return string.byte(zset_member, 10) == 98 and 16 or 24
end

local function id_in(zset_member) return string.sub(zset_member, prefix_length(zset_member) + 1) end

-- The ids in a reply of ZRANGE with scores, which alternates ZSET members and ZSET scores.
local function ids_in(found)
  local byte = string.byte
  local ids, count = {}, 0
  for at = 1, #found, 2 do
    local zset_member = found[at]
    count = count + 1
    ids[count] = byte(zset_member) == 1 and id_in(zset_member) or zset_member
  end
  return ids
end

-- The score of a dense entry, and the first sequence of its step.
local function dense_in(order, zset_score)
  local high, low = struct.unpack('>I4I4', struct.pack('>d', tonumber(zset_score)))
  if high >= HALF_WORD then
    high, low = WORD - 1 - high, WORD - 1 - low
  else
    high = high + HALF_WORD
  end
  high = high - FIRST_HIGH
  local stored = high % HIGH_PER_SCORE * WORD + low
  return LOWEST + math.floor(high / HIGH_PER_SCORE),
    SEQUENCES_PER_STEP * (order == 'desc' and MAX_STEP - stored or stored)
end

local function score_in(zset_score, zset_member)
  if is_long(zset_member) then return unsorted(string.sub(zset_member, 2, 9)) end
  return (dense_in('asc', zset_score))
end

-- The score, the subscore and the sequence of a long entry.
--- @lazy
local function long_standing_in(order, zset_member)
  local length, subscore = prefix_length(zset_member), 0
  if length == 24 then
    local sign, bytes = string.sub(zset_member, 10, 10), string.sub(zset_member, 11, 18)
    if sign == 'a' or sign == 'A' then bytes = inverted(bytes) end
    subscore = struct.unpack('>d', bytes)
    if sign == 'A' or sign == 'd' then subscore = -subscore end
  end
  local stored = struct.unpack('>I6', zset_member, length - SEQUENCE_BYTES + 1)
  return unsorted(string.sub(zset_member, 2, 9)),
    subscore,
    order == 'desc' and MAX_SEQUENCE - stored or stored
end

-- The score, the subscore and the sequence of an entry.
local function standing_in(order, zset_score, zset_member)
  if is_long(zset_member) then return long_standing_in(order, zset_member) end
  local score, sequence = dense_in(order, zset_score)
  return score, 0, sequence
end

-- The bytes of score and subscore. Entries with the same score and subscore are level: they have equal bytes.
local function level_in(zset_score, zset_member)
  if is_long(zset_member) then
    return string.sub(zset_member, 2, prefix_length(zset_member) - SEQUENCE_BYTES)
  end
  return sortable((dense_in('asc', zset_score))) .. 'b'
end

-- The ZSET score and the ZSET member of a place directly ahead of all entries that are level with the given
-- entry.
local function place_ahead_of_level(order, zset_score, zset_member)
  local level = level_in(zset_score, zset_member)
  local score = unsorted(string.sub(level, 1, 8))
  if #level == 9 and is_in_range(score) then
    if order == 'desc' then return zset_score_of(score, MAX_STEP - 1), '\255' end
    return zset_score_of(score, 1), ''
  end
  return zset_score, MARK .. level .. (order == 'desc' and string.rep('\255', SEQUENCE_BYTES + 1) or '')
end

-- The prefix in a record; '' for a dense entry. `record` is '' when the entry has no record.
local function prefix_in(record)
  if #record == SHORT_RECORD_BYTES then
    return MARK .. string.sub(record, 1, 8) .. 'b' .. string.sub(record, 9)
  end
  return record == '' and '' or string.sub(record, 2, 1 + string.byte(record))
end

-- Whether a record contains only the prefix.
local function is_bare(record)
  return #record == SHORT_RECORD_BYTES or record ~= '' and #record == 1 + string.byte(record)
end

-- The profile and the metadata of a record; and its reachedAt in ms, nil if that is the time of the sequence.
local function texts_in(record)
  if record == '' or is_bare(record) then return '', '', nil end
  local time, profile_length, from = struct.unpack('>I6I2', record, 2 + string.byte(record))
  local profile = string.sub(record, from, from + profile_length - 1)
  return profile, string.sub(record, from + profile_length), time > 0 and time or nil
end

-- The record of an entry; '' when it needs none.
local function record_of(prefix, own_time, profile, metadata)
  if not own_time and profile == '' and metadata == '' then
    if #prefix == 16 then return string.sub(prefix, 2, 9) .. string.sub(prefix, 11) end
    return prefix == '' and '' or string.char(#prefix) .. prefix
  end
  local head = struct.pack('>I6I2', own_time or 0, #profile)
  return string.char(#prefix) .. prefix .. head .. profile .. metadata
end
