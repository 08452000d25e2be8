package io.metdc.connectors;

import io.metdc.market.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One answer to the question for trades of the past.
///
/// @param rows oldest first
/// @param next the request for the next page, in whatever direction the exchange pages; null when the stretch is
///             covered or nothing more can be had
public record TradePage(List<Row> rows, @Nullable RestRequest next) {}
