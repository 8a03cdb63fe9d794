--- @include ./change.lua
--- @include ./callers.lua
--- @include ./series.lua
--- @args newEpoch
-- Adds the increments of many callers to a counter of the kind "total". The increment of a caller is in the
-- field `subject` (callers.lua). Each increment is applied or refused on its own. Replies a list:
--
--   1   "new" when the run created the counter, "known" when it existed, "none" when it still does not exist
--   2   the sum of the applied increments, such as "12"
--   3+  a result for each caller: the value after its increment, or the rule that refused it: "forbidden",
--       "kind", "min <limit>", "max <limit>", "overflow <limit>", or "idempotency" for a key that was used
--       with another input

local state, now = read_state(), now_ms()
local was_applied, has_changed, growth = false, false, 0

local function add(writer, increment)
  if state.add == 'server' and writer ~= 'server' then return 'forbidden', true end
  if state.kind == 'unique' then return 'kind', true end
  -- A sum beyond the exact range of doubles is rounded. It stays beyond the range, so the next check refuses
  -- it.
  local value = state.value + increment
  local rule, limit = broken_bound(state, value)
  if rule then return rule .. ' ' .. limit, true end
  was_applied = true
  if tonumber(increment) ~= 0 then
    has_changed, growth = true, growth + increment
    change_to(state, value, now)
  end
  return exact(value), false
end

local reply = { state.epoch and 'known' or 'none', '0' }
serve_callers(now, reply, add)
if was_applied and create(state, new_epoch, 'total', now) then reply[1] = 'new' end
if has_changed then
  commit(state, now)
  for_each_interval(state, function(interval)
    count_in(interval, now, function(so_far) return so_far + growth end)
  end)
end
reply[2] = exact(growth)
return reply
