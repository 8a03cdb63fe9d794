--- @keys records
--- @args maxRecords
--- @args items[]
-- Appends records to a trace whose records have not expired.

if redis.call('EXISTS', RECORDS_KEY) == 0 then return { 'gone' } end
for number = 1, items_count do
  redis.call('XADD', RECORDS_KEY, 'MAXLEN', '~', max_records, '*', 'record', items_at(number))
end
return { 'ok' }
