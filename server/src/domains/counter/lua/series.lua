--- @keys intervals[]: series visitors
--- @args intervals[]: name lengthMs keptCount
-- A counter has a series for each length of interval that its rules name, such as "minute". A series is a
-- LIST of "<number of the interval since 1970> <count>", the newest last. It has no element for an interval
-- in which nothing was counted. The oldest elements are trimmed when it has more than `keptCount`.
--   name  "minute", "hour" or "day"

-- Writes the count of the interval that contains `now`. `count(so_far, is_new)` returns the new count;
-- `so_far` is the count before, and `is_new` says whether the interval has no element yet.
local function count_in(interval, now, count)
  local list = interval.series
  local newest, so_far = string.match(redis.call('LINDEX', list, -1) or '', '(%d+) (%S+)')
  local number = math.floor(now / interval.length_ms)
  -- If the clock of Redis was set back, the newest interval is used until the clock has reached it again.
  if newest and number <= tonumber(newest) then
    redis.call('LSET', list, -1, newest .. ' ' .. exact(count(tonumber(so_far), false)))
    return
  end
  redis.call('RPUSH', list, exact(number) .. ' ' .. exact(count(0, true)))
  redis.call('LTRIM', list, -interval.kept_count, -1)
  redis.call('PEXPIRE', list, interval.length_ms * interval.kept_count)
end

-- Calls `write(interval)` for each series that the counter's rules name.
local function for_each_interval(state, write)
  if state.series == '' then return end
  for number = 1, intervals_count do
    local interval = intervals_at(number)
    if string.find(state.series, interval.name, 1, true) then write(interval) end
  end
end
