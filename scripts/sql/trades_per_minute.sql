-- The trades per minute of the exchange's clock and market, newest first.
-- param: minutes = 60 -- how many minutes back
-- param: exchange = -- one exchange only, such as binance
SELECT date_trunc('minute', t.executed_at) AS minute,
       i.exchange,
       i.market,
       count(*) AS trades,
       count(DISTINCT t.instrument_id) AS instruments
FROM trades t
JOIN instruments i ON i.id = t.instrument_id
WHERE t.executed_at >= date_trunc('minute', now()) - make_interval(mins => :minutes::int)
  AND (:exchange::text = '' OR i.exchange = :exchange::text)
GROUP BY 1, 2, 3
ORDER BY 1 DESC, 2, 3
