-- What became of the trade rows of each market: received = stored + duplicate + rejected, but for those under way.
-- Consumed ids are no trades and stand beside it. While metdc runs, underway can be below 0: rows are stored up to a
-- second before that second is counted.
SELECT exchange, market, received, stored, duplicate, rejected, consumed, unaccounted AS underway
FROM market_count
ORDER BY exchange, market
