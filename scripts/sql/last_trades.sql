-- The last trades, newest first.
-- param: symbol = -- one symbol only, as the exchange writes it: BTCUSDT
-- param: exchange = -- one exchange only
-- param: market = -- spot or futures only
-- param: limit = 20 -- how many
-- param: hours = 24 -- how far back to look
SELECT date_trunc('milliseconds', executed_at) AS executed_at,
       exchange,
       market,
       symbol,
       trim_scale(price) AS price,
       trim_scale(quantity) AS quantity,
       taker_side AS side
FROM trade
WHERE executed_at > now() - make_interval(hours => :hours::int)
  AND (:symbol::text = '' OR symbol = :symbol::text)
  AND (:exchange::text = '' OR exchange = :exchange::text)
  AND (:market::text = '' OR market = :market::text)
ORDER BY trade.executed_at DESC, trade.executed_ns DESC, length(trade.trade_id) DESC, trade.trade_id DESC
LIMIT :limit::bigint
