--- @include ./entry-codec.lua
-- The records of a season's entries, and the prefixes of long entries without a record of their own.
--
-- A HASH field for each long entry would take more memory than its place in the ranking. So the HASH holds
-- buckets of such prefixes. The field of a bucket is the byte 1 and the number of the bucket in 4 bytes; no
-- id begins with that byte. A bucket is a list of
--
--   hash of the id (4 bytes), length of what follows (1 byte), the bare record
--
-- A bucket does not contain ids: the ranking tells whether a prefix with the right hash belongs to the id.
-- The hash chooses the bucket by linear hashing. A bucket that gets too long splits the next one in turn, so
-- the number of buckets grows with the entries, one small step at a time. The field of the byte 1 alone
-- holds it.

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

-- The number of buckets, 0 without any.
local function bucket_count_of(season)
  season.bucket_count = season.bucket_count or tonumber(redis.call('HGET', season.records, BUCKETS) or 0)
  return season.bucket_count
end

local function set_bucket_count(season, count)
  season.bucket_count = count
  redis.call('HSET', season.records, BUCKETS, exact(count))
end

-- The contents of a bucket. A submit reads a bucket and changes it: the second time costs nothing.
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

-- Where the item after the one at `at` begins.
local function next_item(bytes, at)
  return at + HASH_BYTES + 1 + (string.byte(bytes, at + HASH_BYTES) or 0)
end

-- Adds a bucket: the next one in turn gives up the items that belong to the new one.
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
    -- The same bytes may begin within another item.
    if at == found then return string.sub(bytes, 1, at - 1) .. string.sub(bytes, at + #item) end
    found = string.find(bytes, item, at, true)
  end
  return bytes
end

-- Replaces a bare record of an id; '' stands for none.
--- @rare
local function replace_bare(season, id, old, new)
  if bucket_count_of(season) == 0 then set_bucket_count(season, 1) end
  local hash, number = hash_and_bucket(season, id)
  local bytes = bucket_at(season, number)
  if old ~= '' then bytes = without_item(bytes, hash .. string.char(#old) .. old) end
  if new ~= '' then bytes = bytes .. hash .. string.char(#new) .. new end
  set_bucket(season, number, bytes)
  if new ~= '' and #bytes > MOST_BYTES then split_next(season) end
end

--- @rare
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
    -- Another id has the hash, or another item contains its bytes.
    at = string.find(bytes, hash, at + 1, true)
  end
  return ''
end

-- The bare record of a long entry; '' without one.
local function bare_record(season, id)
  return bucket_count_of(season) == 0 and '' or bare_record_in_bucket(season, id)
end

-- Replaces the record of a member's entry; '' stands for none.
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
