--- @include ./entry-codec.lua
-- Stores the records of a season's entries in the HASH `records`. The ranking's ZSET contains each entry as a
-- prefix, followed by the id of the board's member (entry-codec.lua). A record contains the prefix. Some
-- entries have an empty prefix.
--
-- * A bare record contains only the prefix. Buckets collect the bare records.
-- * Every other record has a HASH field of its own. The name of the field is the member's id.
--
-- A HASH field for each bare record would take more memory than the entry takes in the ranking's ZSET. So one
-- field contains a bucket of many bare records. The name of a bucket's field is the byte 1, with which no id
-- begins, and the number of the bucket in 4 bytes. A bucket is a list of items:
--
--   hash of the id (4 bytes), length of the bare record (1 byte), the bare record
--
-- An item does not contain the id, and two ids may have the same hash. An item belongs to an id if the prefix
-- of its bare record, followed by the id, is a ZSET member of the season.
--
-- The hash chooses the bucket by linear hashing. When any bucket becomes too long, one bucket is split into
-- two. The buckets take turns, in the order of their numbers: the one that is split may not be the long one.
-- So the number of buckets grows with the number of entries, and no write splits more than one bucket.
-- The field whose name is only the byte 1 contains the number of buckets.

local MOST_BYTES = 300
local HASH_BYTES = 4
local BUCKETS = '\1'

local function bucket_field(number) return BUCKETS .. struct.pack('>I4', number) end

local function bucket_of(hash, bucket_count)
  local _, exponent = math.frexp(bucket_count)
  local size = 2 ^ (exponent - 1)
  local number = hash % (2 * size)
  return number < bucket_count and number or hash % size
end

-- The number of buckets. Read from Redis once in a script run.
local function bucket_count_of(season)
  season.bucket_count = season.bucket_count or tonumber(redis.call('HGET', season.records, BUCKETS) or 0)
  return season.bucket_count
end

local function set_bucket_count(season, count)
  season.bucket_count = count
  redis.call('HSET', season.records, BUCKETS, exact(count))
end

-- The contents of a bucket. The bucket that was last read or written is cached, because a submit first reads
-- and then changes a bucket.
local function bucket_at(season, number)
  if season.bucket_number ~= number then
    season.bucket_number = number
    season.bucket = redis.call('HGET', season.records, bucket_field(number)) or ''
  end
  return season.bucket
end

local function set_bucket(season, number, bytes)
  season.bucket_number, season.bucket = number, bytes
  if bytes == '' then
    redis.call('HDEL', season.records, bucket_field(number))
  else
    redis.call('HSET', season.records, bucket_field(number), bytes)
  end
end

-- The hash of an id, and the bucket that it belongs to.
local function hash_and_bucket(season, id)
  local hash = tonumber(string.sub(redis.sha1hex(id), 1, 2 * HASH_BYTES), 16)
  return struct.pack('>I4', hash), bucket_of(hash, bucket_count_of(season))
end

-- The index at which the next item begins, after the item at `at`.
local function next_item(bytes, at)
  return at + HASH_BYTES + 1 + (string.byte(bytes, at + HASH_BYTES) or 0)
end

-- Splits the bucket whose turn it is: adds a bucket, and moves there the items whose hash now chooses it.
local function split_next(season)
  local count = bucket_count_of(season)
  local _, exponent = math.frexp(count)
  local number = count - 2 ^ (exponent - 1)
  local bytes = bucket_at(season, number)
  set_bucket_count(season, count + 1)
  local staying, leaving, at = {}, {}, 1
  while at <= #bytes do
    local behind = next_item(bytes, at)
    local stays = bucket_of(struct.unpack('>I4', bytes, at), count + 1) == number
    local items = stays and staying or leaving
    items[#items + 1] = string.sub(bytes, at, behind - 1)
    at = behind
  end
  if #leaving == 0 then return end
  set_bucket(season, number, table.concat(staying))
  set_bucket(season, count, table.concat(leaving))
end

local function without_item(bytes, item)
  local at, found = 1, string.find(bytes, item, 1, true)
  while found do
    while at < found do
      at = next_item(bytes, at)
    end
    -- The bytes may also occur inside of another item or across two items, so they count only where an item
    -- begins.
    if at == found then return string.sub(bytes, 1, at - 1) .. string.sub(bytes, at + #item) end
    found = string.find(bytes, item, at, true)
  end
  return bytes
end

-- Replaces the bare record of an id. '' stands for no bare record.
--- @lazy
local function replace_bare(season, id, old, new)
  if bucket_count_of(season) == 0 then set_bucket_count(season, 1) end
  local hash, number = hash_and_bucket(season, id)
  local bytes = bucket_at(season, number)
  if old ~= '' then bytes = without_item(bytes, hash .. string.char(#old) .. old) end
  if new ~= '' then bytes = bytes .. hash .. string.char(#new) .. new end
  set_bucket(season, number, bytes)
  if new ~= '' and #bytes > MOST_BYTES then split_next(season) end
end

--- @lazy
local function bare_record_in_bucket(season, id)
  local hash, number = hash_and_bucket(season, id)
  local bytes = bucket_at(season, number)
  local at = string.find(bytes, hash, 1, true)
  while at do
    local record = string.sub(bytes, at + HASH_BYTES + 1, next_item(bytes, at) - 1)
    local zset_member = prefix_in(record) .. id
    local is_of_id = redis.call('ZSCORE', season.ranking, zset_member)
      or redis.call('ZSCORE', season.hidden, zset_member)
    if is_of_id then return record end
    -- The hash was that of another id, or its bytes occurred inside of another item.
    at = string.find(bytes, hash, at + 1, true)
  end
  return ''
end

-- The bare record of an id; '' if there is none.
local function bare_record(season, id)
  return bucket_count_of(season) == 0 and '' or bare_record_in_bucket(season, id)
end

-- Replaces the record of a member's entry. '' stands for no record.
local function set_record(season, id, old, new)
  if old == new then return end
  local old_bare, new_bare = is_bare(old) and old or '', is_bare(new) and new or ''
  if new ~= new_bare then
    redis.call('HSET', season.records, id, new)
  elseif old ~= old_bare then
    redis.call('HDEL', season.records, id)
  end
  if old_bare ~= new_bare then replace_bare(season, id, old_bare, new_bare) end
end
