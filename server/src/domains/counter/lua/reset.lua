--- @include ../../../redis/lua/idempotency.lua
--- @include ./change.lua
--- @keys shares[]: visitors
--- @reply ok: previous
-- Reads a counter's value and resets the counter: a total to 0 or to the bound nearest to 0, a unique counter
-- to no visitors. Every threshold can be crossed again. The series (counts per minute, hour or day) do not
-- change.

local first = first_reply()
if first then return first end

local state, now = read_state(), now_ms()
local previous = state.value
-- A counter that does not exist needs no reset.
if state.epoch then
  if state.kind == 'unique' then
    for number = 1, shares_count do
      redis.call('UNLINK', shares_at(number).visitors)
    end
  end
  arm_all(state)
  state.value = origin_of(state.min, state.max)
  commit(state, now)
end
return keep_reply({ 'ok', exact(previous) })
