--- @keys outbox
--- @args entries[]
-- A node runs this script after it has copied entries of an outbox to the webhooks' queues. Removes these
-- entries from the head of the outbox. An entry that is not at the head was removed by another node already.
-- Returns the number of entries that are left.

local head = redis.call('LINDEX', OUTBOX_KEY, 0)
for number = 1, entries_count do
  if head == entries_at(number) then
    redis.call('LPOP', OUTBOX_KEY)
    head = redis.call('LINDEX', OUTBOX_KEY, 0)
  end
end
return redis.call('LLEN', OUTBOX_KEY)
