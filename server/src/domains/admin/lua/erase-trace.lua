--- @keys traces traceTopic records
--- @args publishCommand id
-- Removes a delivery trace with its records. The publication makes all nodes stop recording this trace.

redis.call('HDEL', TRACES_KEY, id)
redis.call('UNLINK', RECORDS_KEY)
redis.call(publish_command, TRACE_TOPIC_KEY, id)
return { 'ok' }
