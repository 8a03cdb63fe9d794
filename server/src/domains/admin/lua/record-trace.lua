--- @keys records erased
--- @args maxRecords
--- @args items[]
-- Appends records to a trace, except records that name an erased user.
-- Does nothing if the records of the trace have expired or were erased.

if redis.call('EXISTS', RECORDS_KEY) == 0 then return { 'gone' } end
local has_erased = redis.call('EXISTS', ERASED_KEY) == 1

local function names_erased(item)
  for _, receiver in ipairs(cjson.decode(item).receivers) do
    local user = receiver.user
    local is_known = type(user) == 'string'
    if is_known and redis.call('SISMEMBER', ERASED_KEY, redis.sha1hex(user)) == 1 then return true end
  end
  return false
end

for number = 1, items_count do
  local item = items_at(number)
  if not (has_erased and names_erased(item)) then
    redis.call('XADD', RECORDS_KEY, 'MAXLEN', '~', max_records, '*', 'record', item)
  end
end
return { 'ok' }
