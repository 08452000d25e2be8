package io.metdc.collector.config;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.net.URI;
import java.time.Duration;

/// Where announcements come from; they have no effect in this version. The KRW market of the same section is a
/// [MarketSettings].
///
/// @param noticesUrl   the whole address of the list of notices, without query
/// @param pollInterval how often the list of notices is asked for
public record UpbitSettings(URI noticesUrl, Duration pollInterval) {
    /// Upbit's KRW market.
    static final Market MARKET = new Market(Exchange.UPBIT, MarketType.SPOT);

    public UpbitSettings {
        if (!pollInterval.isPositive()) {
            throw new IllegalArgumentException("an interval of " + pollInterval);
        }
    }

    static UpbitSettings read(Section upbit) {
        Section section = upbit.withoutEffect();
        return new UpbitSettings(
                section.address(
                        "notices_url", URI.create("https://pub-info.upbit.com/api/v1/announcements"), "https", "http"),
                section.duration("poll_interval", Duration.ofSeconds(2), Duration.ofMillis(200), Duration.ofHours(1)));
    }
}
