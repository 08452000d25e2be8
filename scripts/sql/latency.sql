-- How long after its execution a trade was received, in milliseconds, by market: half of them within p50, 99 of 100 within
-- p99. Of trades that were pushed when they happened; clocks that differ show in it.
-- param: minutes = 10 -- how many minutes back
SELECT i.exchange,
       i.market,
       count(*) AS trades,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY l.ms))::numeric, 1) AS p50_ms,
       round((percentile_cont(0.9) WITHIN GROUP (ORDER BY l.ms))::numeric, 1) AS p90_ms,
       round((percentile_cont(0.99) WITHIN GROUP (ORDER BY l.ms))::numeric, 1) AS p99_ms,
       round(max(l.ms)::numeric, 1) AS max_ms
FROM trades t
JOIN instruments i ON i.id = t.instrument_id
CROSS JOIN LATERAL (SELECT extract(epoch FROM t.received_at - t.executed_at) * 1000 AS ms) l
WHERE t.origin = 0
  AND t.executed_at > now() - make_interval(mins => :minutes::int)
GROUP BY i.exchange, i.market
ORDER BY i.exchange, i.market
