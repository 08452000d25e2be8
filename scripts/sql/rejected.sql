-- The trade rows that were received and not stored: how many for which reason, and one example each.
-- param: hours = 24 -- how far back to look
-- param: exchange = -- one exchange only
SELECT i.exchange,
       i.market,
       c.reason,
       sum(c.rejected)::bigint AS rejected,
       (SELECT r.detail
        FROM rejected_trades r
        JOIN instruments j ON j.id = r.instrument_id
        WHERE j.exchange = i.exchange AND j.market = i.market AND r.reason = c.reason
        ORDER BY r.received_at DESC
        LIMIT 1) AS last_example
FROM rejected_counts c
JOIN instruments i ON i.id = c.instrument_id
WHERE c.hour > now() - make_interval(hours => :hours::int + 1)
  AND (:exchange::text = '' OR i.exchange = :exchange::text)
GROUP BY i.exchange, i.market, c.reason
ORDER BY i.exchange, i.market, rejected DESC
