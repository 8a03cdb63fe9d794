--- @keys outbox
--- @args entries[]
-- Removes entries from the head of an outbox, because they are in the queues of the webhooks. An entry that
-- is not at the head was removed by another node already. Returns the number of entries that are left.

local head = redis.call('LINDEX', OUTBOX_KEY, 0)
for number = 1, entries_count do
  if head == entries_at(number) then
    redis.call('LPOP', OUTBOX_KEY)
    head = redis.call('LINDEX', OUTBOX_KEY, 0)
  end
end
return redis.call('LLEN', OUTBOX_KEY)
