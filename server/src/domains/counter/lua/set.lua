--- @include ../../../redis/lua/idempotency.lua
--- @include ./change.lua
--- @args newEpoch value
--- @reply ok: previous existence
--- @reply kind:
--- @reply min: limit
--- @reply max: limit
--- @reply overflow: limit
-- Sets a counter to a value. Publishes no threshold crossing, even if the value passes a threshold.
-- After a set, all thresholds count as not crossed: later changes can cross each of them once more.
--   existence  "new" when the run created the counter, "known" when it existed
-- Refusals:
--   kind       the counter is of the kind `unique` (distinct visitors), which cannot be set
--   min, max   the value breaks this bound
--   overflow   the value is outside of the range in which numbers are exact

local first = first_reply()
if first then return first end

local state, now = read_state(), now_ms()
if state.kind == 'unique' then return { 'kind' } end
local new_value, previous = tonumber(value), state.value
local rule, limit = broken_bound(state, new_value)
if rule then return { rule, limit } end

local is_new = create(state, new_epoch, 'total', now)
arm_all(state)
state.value = new_value
commit(state, now)
local existence = is_new and 'new' or 'known'
return keep_reply({ 'ok', exact(previous), existence })
