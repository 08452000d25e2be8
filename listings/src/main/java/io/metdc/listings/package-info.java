/// A listing: a coin that Upbit announces for a market of its own, and what is known of that announcement.
///
/// ```
/// notices, market list ──▶ watch (is it new? is it a listing?) ──fires──▶ recorder (the coin's trades, cut out)
/// ```
///
/// The collector wires the two packages and gives the recorder what it needs of the rest.
@NullMarked
package io.metdc.listings;

import org.jspecify.annotations.NullMarked;
