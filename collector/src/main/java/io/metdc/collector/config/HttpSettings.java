package io.metdc.collector.config;

import io.metdc.dashboard.HttpAddress;
import org.jspecify.annotations.Nullable;

/// Where status and metrics are served, and to whom.
///
/// @param bind  an address or host name of this machine
/// @param port  0 for any that is free
/// @param token what whoever asks has to present; null for nothing, and then `bind` is of this machine alone
public record HttpSettings(String bind, int port, @Nullable Secret token) {
    private static final String LOOPBACK = "127.0.0.1";

    public HttpSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port);
        }
        if (token == null && !HttpAddress.isLoopback(bind)) {
            throw new IllegalArgumentException("open to others without a token: " + bind);
        }
    }

    /// In the form that the dashboard wants.
    public HttpAddress address() {
        return new HttpAddress(bind, port, token == null ? null : token.reveal());
    }

    static HttpSettings read(Section section) {
        String bind = section.text("bind", LOOPBACK);
        int port = section.number("port", 8080, 0, 65_535);
        Secret token = section.secret("token");
        if (token == null && !HttpAddress.isLoopback(bind)) {
            section.refuse(
                    "bind",
                    "is an address that others reach: set http.token or http.token_file, which they then have to"
                            + " present, or leave it at " + LOOPBACK);
            bind = LOOPBACK;
        }
        return new HttpSettings(bind, port, token);
    }
}
