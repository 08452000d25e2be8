package io.metdc.collector.config;

import java.net.URI;
import java.time.Duration;

/// Where announcements and KRW trades come from. Nothing of it has an effect in this version.
///
/// @param noticesUrl   the whole address of the list of notices, without query
/// @param pollInterval how often the list of notices is asked for
public record UpbitSettings(URI restUrl, URI noticesUrl, URI websocketUrl, Duration pollInterval) {
    public UpbitSettings {
        if (!pollInterval.isPositive()) {
            throw new IllegalArgumentException("an interval of " + pollInterval);
        }
    }

    static UpbitSettings read(Section upbit) {
        Section section = upbit.withoutEffect();
        return new UpbitSettings(
                section.address("rest_url", URI.create("https://api.upbit.com"), "https", "http"),
                section.address(
                        "notices_url", URI.create("https://pub-info.upbit.com/api/v1/announcements"), "https", "http"),
                section.address("websocket_url", URI.create("wss://api.upbit.com/websocket/v1"), "wss", "ws"),
                section.duration("poll_interval", Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofHours(1)));
    }
}
