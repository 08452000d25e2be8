-- Trades that came on a stream after one with a higher number: kept, and how many of what is stored they are.
-- param: hours = 24 -- how far back to look
-- param: exchange = -- one exchange only
SELECT exchange,
       market,
       symbol,
       sum(late)::bigint AS late,
       sum(stored)::bigint AS stored,
       max(hour) AS last_hour
FROM trade_count
WHERE hour > now() - make_interval(hours => :hours::int + 1)
  AND (:exchange::text = '' OR exchange = :exchange::text)
GROUP BY exchange, market, symbol
HAVING sum(late) > 0
ORDER BY late DESC, exchange, market, symbol
LIMIT 50
