package io.metdc.collector.config;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where announcements come from. The KRW market of the same section is a [MarketSettings].
///
/// @param noticesEnabled     whether the list of notices is polled
/// @param noticesUrl         the whole address of the list of notices, without query
/// @param noticesFallbackUrl asked in turn where that one fails; null for none
/// @param pollInterval       how often the list of notices is asked for
/// @param noticesSocketUrl   the whole address of the WebSocket of notices
/// @param accessKey          of an API key that may use that WebSocket; null for none
/// @param secretKey          of the same; null for none
/// @param marketsInterval    how often the list of markets is asked for
public record UpbitSettings(
        boolean noticesEnabled,
        URI noticesUrl,
        @Nullable URI noticesFallbackUrl,
        Duration pollInterval,
        URI noticesSocketUrl,
        @Nullable Secret accessKey,
        @Nullable Secret secretKey,
        Duration marketsInterval) {
    /// Upbit's KRW market.
    static final Market MARKET = new Market(Exchange.UPBIT, MarketType.SPOT);

    private static final URI NOTICES = URI.create("https://pub-info.upbit.com/api/v1/announcements");
    private static final URI OLD_NOTICES = URI.create("https://api-manager.upbit.com/api/v1/announcements");
    private static final URI SOCKET = URI.create("wss://api.upbit.com/websocket/v1/private");

    public UpbitSettings {
        if (!pollInterval.isPositive() || !marketsInterval.isPositive()) {
            throw new IllegalArgumentException("intervals of " + pollInterval + " and " + marketsInterval);
        }
    }

    private static void refuseQuery(Section section, String name, @Nullable URI address) {
        if (address != null && (address.getRawQuery() != null || address.getRawFragment() != null)) {
            section.refuse(name, "has a query or a fragment, which an address that metdc adds its own to must not");
        }
    }

    static UpbitSettings read(Section section) {
        boolean enabled = section.flag("notices_enabled", true);
        URI notices = section.address("notices_url", NOTICES, "https", "http");
        URI fallback = section.optionalAddress("notices_fallback_url", "https", "http");
        if (fallback == null && notices.equals(NOTICES)) {
            fallback = OLD_NOTICES; // another host than ours is not to be mixed with the real one
        }
        refuseQuery(section, "notices_url", notices);
        refuseQuery(section, "notices_fallback_url", fallback);
        Duration pollInterval =
                section.duration("poll_interval", Duration.ofSeconds(2), Duration.ofMillis(200), Duration.ofHours(1));
        URI socket = section.address("notices_websocket_url", SOCKET, "wss", "ws");
        Secret accessKey = section.secret("access_key");
        Secret secretKey = section.secret("secret_key");
        if ((accessKey == null) != (secretKey == null)) {
            section.refuse(
                    accessKey == null ? "secret_key" : "access_key", "is of no use without the other key of the pair");
        }
        return new UpbitSettings(
                enabled,
                notices,
                fallback,
                pollInterval,
                socket,
                accessKey,
                secretKey,
                section.duration(
                        "markets_interval", Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofHours(1)));
    }
}
