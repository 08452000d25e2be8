-- Whether each instrument's trades of a day are complete, as far as its evidence can show; the worst first. scripts/metdc
-- audit judges it. Give days: each has to be worked out.
-- param: days = 1 -- how many days back, with today
-- param: exchange = -- one exchange only
-- param: symbol = -- one symbol only
-- param: fine = yes -- no: only what lacks something
SELECT day,
       exchange,
       market,
       symbol,
       stored,
       unaccounted,
       open_holes AS open,
       missing
FROM completeness
WHERE day > (now() AT TIME ZONE 'UTC')::date - :days::int - 1
  AND (:exchange::text = '' OR exchange = :exchange::text)
  AND (:symbol::text = '' OR symbol = :symbol::text)
  AND (:fine::boolean OR open_holes > 0 OR beyond_reach > 0 OR outage > 0 OR unaccounted <> 0)
ORDER BY open_holes > 0 DESC, unaccounted <> 0 DESC, missing DESC, day DESC, exchange, market, symbol
