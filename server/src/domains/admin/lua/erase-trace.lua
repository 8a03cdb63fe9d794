--- @keys traces traceTopic records
--- @args publishCommand id
-- Removes a trace with its records, and ends it on all nodes.

redis.call('HDEL', TRACES_KEY, id)
redis.call('UNLINK', RECORDS_KEY)
redis.call(publish_command, TRACE_TOPIC_KEY, id)
return { 'ok' }
