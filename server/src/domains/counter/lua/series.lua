-- What a counter counted in each interval: a LIST for each kind of interval, with the newest interval at its tail,
-- as "<number of the interval since 1970> <count>". Intervals in which nothing was counted are left out; what is old
-- leaves at the head, and in the end the whole list by its TTL.
-- A span is {name, length in ms, how many intervals are kept}.

-- Writes the count of the interval that `now` lies in. `count(so_far, is_new)` gives it, from the count until now and
-- whether the interval begins.
local function count_in(list, span, now, count)
  local newest, so_far = string.match(redis.call('LINDEX', list, -1) or '', '(%d+) (%S+)')
  local number = math.floor(now / span[2])
  -- A clock that was set back goes on in the interval that is there.
  if newest and number <= tonumber(newest) then
    redis.call('LSET', list, -1, newest .. ' ' .. exact(count(tonumber(so_far), false)))
    return
  end
  redis.call('RPUSH', list, exact(number) .. ' ' .. exact(count(0, true)))
  redis.call('LTRIM', list, -span[3], -1)
  redis.call('PEXPIRE', list, span[2] * span[3])
end

-- Calls `write(number, span)` for each kind of interval that the counter keeps; kinds are numbered as in `spans`.
local function for_each_span(state, spans, write)
  if state.series == '' then return end
  for number, span in ipairs(cjson.decode(spans)) do
    if string.find(state.series, span[1], 1, true) then write(number, span) end
  end
end
