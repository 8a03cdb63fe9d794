--- @include ../../../redis/lua/idempotency.lua
--- @include ./change.lua
--- @keys intervals[]: series visitors
--- @args newEpoch kind min max add series thresholds
--- @args intervals[]: name
--- @reply ok: pairs...
--- @reply kindStays:
--- @reply uniqueBound:
--- @reply bounds:
--- @reply min: limit
--- @reply max: limit
-- Creates a counter or changes its rules. A rule that is "keep" stays as it is. `min` and `max` are "" for
-- none. `series` is a list such as "minute day"; `thresholds` is a list such as "100 1000". A threshold that
-- was crossed before stays crossed.
--   pairs        the fields of the HASH `meta` (state.lua): name, value, name, value, ...
-- Refusals:
--   kindStays    the counter has another kind, which cannot change
--   uniqueBound  a unique counter cannot have `min` or `max`
--   bounds       `min` is above `max`
--   min, max     the counter's value breaks this bound

local first = first_reply()
if first then return first end

local state, now = read_state(), now_ms()
if kind == 'keep' then kind = state.kind or 'total' end
if state.kind and state.kind ~= kind then return { 'kindStays' } end
if min ~= 'keep' then state.min = tonumber(min) end
if max ~= 'keep' then state.max = tonumber(max) end
if kind == 'unique' and (state.min or state.max) then return { 'uniqueBound' } end
if state.min and state.max and state.min > state.max then return { 'bounds' } end
if add == 'keep' then add = state.add end
if series == 'keep' then series = state.series end
if not state.epoch then state.value = origin_of(state.min, state.max) end
local rule, limit = broken_bound(state, state.value)
if rule then return { rule, limit } end

local is_new = create(state, new_epoch, kind, now)
for name, value in pairs({ min = min, max = max }) do
  if value == '' then
    redis.call('HDEL', META_KEY, name)
  elseif value ~= 'keep' then
    redis.call('HSET', META_KEY, name, value)
  end
end
for number = 1, intervals_count do
  local interval = intervals_at(number)
  if not string.find(series, interval.name, 1, true) then
    redis.call('UNLINK', interval.series, interval.visitors)
  end
end

local armed, crossed = {}, ''
if thresholds == 'keep' then
  armed[1], crossed, thresholds = state.armed, state.crossed, ''
end
for threshold in string.gmatch(thresholds, '%S+') do
  -- An element of `crossed` is " <threshold>:<value>:<offset>:<time>", with the space before it.
  local from = string.find(state.crossed .. ' ', ' ' .. threshold .. ':', 1, true)
  if from then
    crossed = crossed .. string.match(state.crossed, '^ %S+', from)
  else
    armed[#armed + 1] = threshold
  end
end
state.armed, state.crossed = table.concat(armed, ' '), crossed
redis.call('HSET', META_KEY, 'add', add, 'series', series, 'armed', state.armed, 'crossed', crossed)
if is_new then commit(state, now) end

return keep_reply({ 'ok', unpack(redis.call('HGETALL', META_KEY)) })
