-- The ledger of missing trades, newest first: why, how many are missing still, and what became of them.
-- param: hours = 24 -- how far back to look
-- param: exchange = -- one exchange only
-- param: open = no -- yes: only those whose outcome is not known yet
SELECT date_trunc('second', opened_at) AS opened_at,
       exchange,
       market,
       symbol,
       cause,
       expected - found AS missing,
       coalesce(outcome, 'open') AS outcome
FROM hole
WHERE opened_at > now() - make_interval(hours => :hours::int)
  AND (:exchange::text = '' OR exchange = :exchange::text)
  AND (:open::boolean IS FALSE OR outcome IS NULL)
ORDER BY hole.opened_at DESC, exchange, market, symbol
