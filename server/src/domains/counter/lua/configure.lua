--- @include ../../../redis/lua/idempotency.lua
--- @include ./change.lua
-- Creates a counter, or replaces its rules. A threshold that was crossed before stays so.
-- KEYS  1 counter's meta  2 kept answer  3 topic  4-6 series by minute, hour, day
--       7-9 visitors of the minute, hour, day under way
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH  4 epoch of a new counter
--       5 kind  6 min ("" for none)  7 max ("" for none)  8 who may add  9 series, as "minute day"
--       10 thresholds, as "100 1000"
-- Returns {"ok", name, value, name, value, ...} of the meta, or the refusal: {"kindStays"} when a counter should
-- change its kind, {"min <limit>"} or {"max <limit>"} when its value lies beyond a bound.

local meta, kept, topic = KEYS[1], KEYS[2], KEYS[3]
local kind, min, max, add, series, thresholds = unpack(ARGV, 5, 10)
local known = first_answer(kept, ARGV[1])
if known then return known end

local state, now = read_state(meta), now_ms()
if state.kind and state.kind ~= kind then return { 'kindStays' } end
state.min, state.max = tonumber(min), tonumber(max)
if not state.epoch then state.value = origin_of(state.min, state.max) end
local broken = broken_bound(state, state.value)
if broken then return { broken } end

local is_new = create(state, meta, ARGV[4], kind, now)
for name, value in pairs({ min = min, max = max }) do
  if value == '' then redis.call('HDEL', meta, name) else redis.call('HSET', meta, name, value) end
end
for number, name in ipairs({ 'minute', 'hour', 'day' }) do
  if not string.find(series, name, 1, true) then redis.call('UNLINK', KEYS[3 + number], KEYS[6 + number]) end
end

local armed, crossed = {}, ''
for threshold in string.gmatch(thresholds, '%S+') do
  -- The first of a crossing's fields, behind the space that each begins with.
  local from = string.find(state.crossed .. ' ', ' ' .. threshold .. ':', 1, true)
  if from then
    crossed = crossed .. string.match(state.crossed, '^ %S+', from)
  else
    armed[#armed + 1] = threshold
  end
end
state.armed, state.crossed = table.concat(armed, ' '), crossed
redis.call('HSET', meta, 'add', add, 'series', series, 'armed', state.armed, 'crossed', crossed)
if is_new then commit(state, meta, ARGV[3], topic, now) end

return answer(kept, ARGV[1], ARGV[2], { 'ok', unpack(redis.call('HGETALL', meta)) })
