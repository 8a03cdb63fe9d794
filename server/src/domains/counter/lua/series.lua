--- @keys intervals[]: series visitors
--- @args intervals[]: name lengthMs keptCount
-- The series of a counter: a LIST for each kind of interval, newest last, of "<number since 1970> <count>".
-- Intervals without a count are left out. Old ones are trimmed at the head; the list expires as a whole.

-- Writes the count of the interval that contains `now`. `count(so_far, is_new)` returns it.
local function count_in(interval, now, count)
  local list = interval.series
  local newest, so_far = string.match(redis.call('LINDEX', list, -1) or '', '(%d+) (%S+)')
  local number = math.floor(now / interval.length_ms)
  -- After a clock that was set back, the newest interval continues.
  if newest and number <= tonumber(newest) then
    redis.call('LSET', list, -1, newest .. ' ' .. exact(count(tonumber(so_far), false)))
    return
  end
  redis.call('RPUSH', list, exact(number) .. ' ' .. exact(count(0, true)))
  redis.call('LTRIM', list, -interval.kept_count, -1)
  redis.call('PEXPIRE', list, interval.length_ms * interval.kept_count)
end

-- Calls `write(interval)` for each kind of interval that the counter keeps.
local function for_each_interval(state, write)
  if state.series == '' then return end
  for number = 1, intervals_count do
    local interval = intervals_at(number)
    if string.find(state.series, interval.name, 1, true) then write(interval) end
  end
end
