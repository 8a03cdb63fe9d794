--- @include ./change.lua
--- @include ./answers.lua
--- @include ./series.lua
-- Counts visitors of one unique counter, one after the other as they came.
--
-- One HyperLogLog errs by 0.8 % as a rule, and by more than 1 % one time in five. So visitors are spread over sixteen
-- of them by a hash of their own; the errors of the sixteen cancel out to 0.2 % of the sum. The sum is the counter's
-- value, so only the one that a visitor belongs to is ever counted. In the series a single one has to do.
-- KEYS  1 counter's meta  2 topic  3-9 ring of kept answers  10-12 series by minute, hour, day
--       13-15 visitors of the minute, hour, day under way  16-31 shares of the visitors
-- ARGV  1 PUBLISH or SPUBLISH  2 epoch of a new counter  3 JSON of the series' spans
--       4... for each caller: "server" or "user", visitor, scope and fingerprint of its idempotency key ("" for none)
-- Returns {"new", "known", or "none" when there is still no counter; by how much it grew; answer, answer, ...}.
-- An answer is "<unique>:<1 when the visitor is a new one, else 0>", or what refused it: "forbidden", "kind", or
-- "idempotency" for a key that came with another input.

local meta, topic = KEYS[1], KEYS[2]
local state, now = read_state(meta), now_ms()
local has_changed, visitors = false, {}

local function visit(writer, visitor)
  if state.add == 'server' and writer ~= 'server' then return 'forbidden', true end
  if state.kind == 'total' then return 'kind', true end
  visitors[#visitors + 1] = visitor
  local share = KEYS[16 + tonumber(string.sub(redis.sha1hex(visitor), 1, 1), 16)]
  local before = redis.call('PFCOUNT', share)
  local is_new = redis.call('PFADD', share, visitor) == 1
  if is_new then
    local value = state.value + redis.call('PFCOUNT', share) - before
    has_changed = has_changed or value ~= state.value
    step_to(state, value, now)
  end
  return exact(state.value) .. (is_new and ':1' or ':0'), false
end

local before = state.value
local reply = { state.epoch and 'known' or 'none', '0' }
answer_callers({ unpack(KEYS, 3, 9) }, 4, now, reply, visit)
if #visitors > 0 then
  if create(state, meta, ARGV[2], 'unique', now) then reply[1] = 'new' end
  if has_changed then commit(state, meta, ARGV[1], topic, now) end
  for_each_span(state, ARGV[3], function(number, span)
    local during = KEYS[12 + number]
    count_in(KEYS[9 + number], span, now, function(_, is_new)
      if is_new then redis.call('UNLINK', during) end
      redis.call('PFADD', during, unpack(visitors))
      redis.call('PEXPIRE', during, 2 * span[2])
      return redis.call('PFCOUNT', during)
    end)
  end)
end
reply[2] = exact(state.value - before)
return reply
