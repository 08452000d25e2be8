-- Where the numbering of the stored trades has gaps, on markets whose trades are numbered without gaps. Numbers that the
-- exchange used for something else (consumed) are no gaps.
-- param: hours = 1 -- how far back to look
-- param: exchange = -- one exchange only
-- param: symbol = -- one symbol only
SELECT i.exchange,
       i.market,
       i.symbol,
       n.previous + 1 AS first_missing,
       n.sequence - n.previous - 1 AS missing,
       n.executed_at AS next_trade_at
FROM (SELECT instrument_id,
             sequence,
             executed_at,
             lag(sequence) OVER (PARTITION BY instrument_id ORDER BY sequence) AS previous
      FROM (SELECT instrument_id, sequence, executed_at FROM trades WHERE sequence IS NOT NULL
            UNION ALL
            SELECT instrument_id, sequence, executed_at FROM consumed_ids) t
      WHERE executed_at > now() - make_interval(hours => :hours::int)) n
JOIN instruments i ON i.id = n.instrument_id
WHERE n.sequence > n.previous + 1
  AND (:exchange::text = '' OR i.exchange = :exchange::text)
  AND (:symbol::text = '' OR i.symbol = :symbol::text)
ORDER BY n.executed_at DESC, i.exchange, i.market, i.symbol
LIMIT 1000
