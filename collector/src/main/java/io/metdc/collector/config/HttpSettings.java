package io.metdc.collector.config;

/// Where the dashboard is served. Without effect in this version.
///
/// @param bind an address or host name of this machine
/// @param port 0 for any that is free
public record HttpSettings(String bind, int port) {
    public HttpSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port);
        }
    }

    static HttpSettings read(Section http) {
        Section section = http.withoutEffect();
        return new HttpSettings(section.text("bind", "127.0.0.1"), section.number("port", 8080, 0, 65_535));
    }
}
