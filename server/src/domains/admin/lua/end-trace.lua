--- @keys traces traceTopic
--- @args publishCommand id
-- Ends a trace on all nodes. Its records stay until they expire.

redis.call('HDEL', TRACES_KEY, id)
redis.call(publish_command, TRACE_TOPIC_KEY, id)
return { 'ok' }
