--- @include ./change.lua
--- @include ./answers.lua
--- @include ./series.lua
-- Adds to one total for many callers, one after the other as they came: each is applied or refused by itself.
-- KEYS  1 counter's meta  2 topic  3-9 ring of kept answers  10-12 series by minute, hour, day
-- ARGV  1 PUBLISH or SPUBLISH  2 epoch of a new counter  3 JSON of the series' spans
--       4... for each caller: "server" or "user", step, scope and fingerprint of its idempotency key ("" for none)
-- Returns {"new", "known", or "none" when there is still no counter; by how much it grew; answer, answer, ...}.
-- An answer is the value after the step, or what refused it: "forbidden", "kind", "min <limit>", "max <limit>",
-- "overflow <limit>", or "idempotency" for a key that came with another input.

local meta, topic = KEYS[1], KEYS[2]
local state, now = read_state(meta), now_ms()
local was_applied, has_changed, counted = false, false, 0

local function add(writer, step)
  if state.add == 'server' and writer ~= 'server' then return 'forbidden', true end
  if state.kind == 'unique' then return 'kind', true end
  -- A sum that is too far to be exact is rounded, but never back to this side of the largest value.
  local value = state.value + step
  local broken = broken_bound(state, value)
  if broken then return broken, true end
  was_applied = true
  if tonumber(step) ~= 0 then
    has_changed, counted = true, counted + step
    step_to(state, value, now)
  end
  return exact(value), false
end

local reply = { state.epoch and 'known' or 'none', '0' }
answer_callers({ unpack(KEYS, 3, 9) }, 4, now, reply, add)
if was_applied and create(state, meta, ARGV[2], 'total', now) then reply[1] = 'new' end
if has_changed then
  commit(state, meta, ARGV[1], topic, now)
  for_each_span(state, ARGV[3], function(number, span)
    count_in(KEYS[9 + number], span, now, function(so_far) return so_far + counted end)
  end)
end
reply[2] = exact(counted)
return reply
