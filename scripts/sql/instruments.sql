-- The instruments that have been collected, with the terms that hold now and the trades stored of each.
-- param: exchange = -- one exchange only
-- param: market = -- spot or futures only
-- param: base = -- one base asset only: BTC
SELECT i.exchange,
       i.market,
       i.symbol,
       i.base,
       trim_scale(k.contract_size) AS contract_size,
       trim_scale(k.multiplier) AS multiplier,
       coalesce((SELECT sum(c.stored) FROM trade_counts c WHERE c.instrument_id = i.id), 0)::bigint AS stored
FROM instruments i
LEFT JOIN instrument_terms k ON k.instrument_id = i.id AND k.valid_from <= now() AND now() < k.valid_to
WHERE i.symbol <> '?'
  AND (:exchange::text = '' OR i.exchange = :exchange::text)
  AND (:market::text = '' OR i.market = :market::text)
  AND (:base::text = '' OR i.base = :base::text)
ORDER BY i.exchange, i.market, i.symbol
