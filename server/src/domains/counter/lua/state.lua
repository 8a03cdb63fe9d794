--- @keys meta
-- A counter's state while a script works on it. The state is in the HASH `meta`, with these fields:
--
--   epoch                      an id for one lifetime of the counter's data: a counter that is created again
--                              gets a new id
--   offset, createdAt          the number of changes in this epoch; the creation time
--   kind, value                "total" or "unique"; the value as a whole number
--   min, max, add, series      the rules. `min` and `max` are bounds; a bound that is not set has no field.
--                              `add` is who may add: "anyone" or "server". `series` is a list of names, such
--                              as "minute day"
--   armed                      the thresholds that can be crossed, such as "100 1000"
--   crossed                    the crossed thresholds, each as " <threshold>:<value>:<offset>:<time>", such
--                              as " 5:6:17:1700000000000". A set or a reset moves them to `armed` again
--   noticedAt                  when change.lua last published a notice, which tells nodes of a change
--
-- A counter without this HASH has the value 0 and no bounds, and only servers may write to it.

local MAX_VALUE = 9007199254740991

local function exact(number) return string.format('%.0f', number) end

-- The value that a counter starts with and resets to: 0, or the bound nearest to it.
local function origin_of(min, max) return math.max(min or -MAX_VALUE, math.min(max or MAX_VALUE, 0)) end

local function read_state()
  local fields = redis.call(
    'HMGET',
    META_KEY,
    'epoch',
    'offset',
    'kind',
    'value',
    'min',
    'max',
    'add',
    'series',
    'armed',
    'crossed',
    'noticedAt'
  )
  return {
    epoch = fields[1],
    offset = tonumber(fields[2] or 0),
    kind = fields[3],
    value = tonumber(fields[4] or 0),
    min = fields[5] and tonumber(fields[5]),
    max = fields[6] and tonumber(fields[6]),
    add = fields[7] or 'server',
    series = fields[8] or '',
    armed = fields[9] or '',
    crossed = fields[10] or '',
    noticed_at = tonumber(fields[11] or 0),
    crossings = {},
  }
end

-- Writes the meta of a counter that does not exist yet. Returns false, and changes nothing, if it exists.
local function create(state, epoch, kind, now)
  if state.epoch then return false end
  state.epoch, state.kind = epoch, kind
  redis.call(
    'HSET',
    META_KEY,
    'epoch',
    epoch,
    'offset',
    '0',
    'kind',
    kind,
    'value',
    exact(state.value),
    'add',
    state.add,
    'createdAt',
    exact(now)
  )
  return true
end

-- Returns the rule that a value would break, and the limit of that rule; nil when it breaks none.
local function broken_bound(state, value)
  if value > MAX_VALUE or value < -MAX_VALUE then return 'overflow', exact(MAX_VALUE) end
  if state.min and value < state.min then return 'min', exact(state.min) end
  if state.max and value > state.max then return 'max', exact(state.max) end
end

-- Changes the value, and records the thresholds that it reaches or passes on the way, in the order in which
-- it reaches them.
local function change_to(state, value, now)
  local before = state.value
  state.value = value
  if state.armed == '' then return end
  local reached, still_armed = {}, {}
  for text in string.gmatch(state.armed, '%S+') do
    local threshold = tonumber(text)
    if (before < threshold and value >= threshold) or (before > threshold and value <= threshold) then
      reached[#reached + 1] = threshold
    else
      still_armed[#still_armed + 1] = text
    end
  end
  if #reached == 0 then return end
  table.sort(reached, function(one, other) return math.abs(one - before) < math.abs(other - before) end)
  for _, threshold in ipairs(reached) do
    -- commit() (change.lua) will give this change the next offset.
    local fields = { exact(threshold), exact(value), exact(state.offset + 1), exact(now) }
    state.crossed = state.crossed .. ' ' .. table.concat(fields, ':')
    state.crossings[#state.crossings + 1] = fields
  end
  state.armed = table.concat(still_armed, ' ')
end

-- Makes every crossed threshold armed again.
local function arm_all(state)
  for threshold in string.gmatch(state.crossed, '([^%s:]+):%S+') do
    state.armed = state.armed .. ' ' .. threshold
  end
  state.crossed = ''
end
