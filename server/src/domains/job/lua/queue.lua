--- @include ../../../redis/lua/clock.lua
--- @keys due taken failed records payloads users
--- @args keepMs failedLimit
-- A queue of the app's jobs, in these keys:
--
--   due       ZSET: waiting and delayed jobs, by the time from which a worker may take them
--   taken     ZSET: jobs that workers have taken, by the end of their leases
--   failed    ZSET: jobs that failed for good, by the time of the failure
--   records   HASH: job to its attempts, backoff, token, user and reason, as JSON
--   payloads  HASH: job to its payload
--   users     ZSET: "<user> <job>" with the score 0, for the jobs that are about a user
--
-- All keys expire together, `keepMs` after the last write. A removal does not renew their TTL.

local LONGEST_BACKOFF_MS = 3600000

local function whole(number) return string.format('%.0f', number) end

local function keep_queue()
  for _, key in ipairs({ DUE_KEY, TAKEN_KEY, FAILED_KEY, RECORDS_KEY, PAYLOADS_KEY, USERS_KEY }) do
    redis.call('PEXPIRE', key, keep_ms)
  end
end

local function read_job(job)
  local record = redis.call('HGET', RECORDS_KEY, job)
  return record and cjson.decode(record) or nil
end

local function write_job(job, record) redis.call('HSET', RECORDS_KEY, job, cjson.encode(record)) end

local function drop_job(job, record)
  for _, key in ipairs({ DUE_KEY, TAKEN_KEY, FAILED_KEY }) do
    redis.call('ZREM', key, job)
  end
  redis.call('HDEL', RECORDS_KEY, job)
  redis.call('HDEL', PAYLOADS_KEY, job)
  if record.user ~= '' then redis.call('ZREM', USERS_KEY, record.user .. ' ' .. job) end
end

-- Returns the record of a job if the worker with `token` has the job, else nil. After the lease has ended,
-- the worker still has the job until a run of take.lua notices the end of the lease.
local function read_held(job, token)
  local record = read_job(job)
  if record and record.token == token then return record end
  return nil
end

local function wait_until(job, record, at_ms)
  record.token = ''
  write_job(job, record)
  redis.call('ZREM', TAKEN_KEY, job)
  redis.call('ZADD', DUE_KEY, at_ms, job)
end

-- Makes a job a failed one. Drops the oldest failed jobs if there are more than `failed_limit`.
local function give_up(job, record, at_ms)
  record.token = ''
  write_job(job, record)
  redis.call('ZREM', TAKEN_KEY, job)
  redis.call('ZADD', FAILED_KEY, at_ms, job)
  local surplus = redis.call('ZCARD', FAILED_KEY) - failed_limit
  if surplus <= 0 then return end
  for _, oldest in ipairs(redis.call('ZRANGE', FAILED_KEY, 0, surplus - 1)) do
    drop_job(oldest, read_job(oldest))
  end
end

local function backoff_of(record)
  return math.min(record.backoff * 2 ^ math.min(record.attempt - 1, 30), LONGEST_BACKOFF_MS)
end

-- Appends the five values that a worker receives for a job. reply.ts reads them.
local function append_job(list, job, record)
  list[#list + 1] = job
  list[#list + 1] = redis.call('HGET', PAYLOADS_KEY, job)
  list[#list + 1] = record.user
  list[#list + 1] = whole(record.attempt)
  list[#list + 1] = whole(record.attempts)
end
