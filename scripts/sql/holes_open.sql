-- The holes whose outcome is not known yet, oldest first: those older than ten minutes are what scripts/metdc audit calls
-- unexplained.
-- param: exchange = -- one exchange only
-- param: symbol = -- one symbol only
SELECT date_trunc('second', opened_at) AS opened_at,
       exchange,
       market,
       symbol,
       cause,
       from_id,
       expected - found AS missing
FROM hole
WHERE outcome IS NULL
  AND (:exchange::text = '' OR exchange = :exchange::text)
  AND (:symbol::text = '' OR symbol = :symbol::text)
ORDER BY hole.opened_at, exchange, market, symbol, from_id
