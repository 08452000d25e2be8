package io.metdc.dashboard;

import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may ask. With a token: whoever presents it, from anywhere. Without one: this machine alone, under one of its own
/// names; under any other name it is a web page that has pointed its name at us (DNS rebinding) in somebody's browser.
/// `/health`, which tells nothing but that the process moves, needs no token on this machine: what restarts the process
/// asks for it.
final class Access {
    private static final String SCHEME = "Bearer ";

    private final String host;
    private final @Nullable String token;

    Access(HttpAddress address) {
        host = HttpAddress.withoutBrackets(address.host());
        token = address.token();
    }

    /// Why a request is not answered.
    enum Refusal {
        NONE,
        /// It has no token, or a wrong one.
        UNKNOWN,
        /// It is meant for another host.
        MISDIRECTED
    }

    Refusal check(HttpExchange exchange, boolean isHealth) {
        if (token != null && presents(exchange, token)) {
            return Refusal.NONE;
        }
        boolean isOpen = token == null || (isHealth && isFromHere(exchange));
        if (!isOpen) {
            return Refusal.UNKNOWN;
        }
        return isOurs(exchange.getRequestHeaders().get("Host")) ? Refusal.NONE : Refusal.MISDIRECTED;
    }

    private static boolean presents(HttpExchange exchange, String token) {
        List<String> given = exchange.getRequestHeaders().get("Authorization");
        return given != null
                && given.size() == 1
                && given.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        given.getFirst().substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isFromHere(HttpExchange exchange) {
        InetAddress from = exchange.getRemoteAddress().getAddress();
        return from.isLoopbackAddress()
                || from.equals(exchange.getLocalAddress().getAddress());
    }

    /// The port does not matter: a tunnel has another one, and a page cannot do without its name.
    private boolean isOurs(@Nullable List<String> hosts) {
        if (hosts == null || hosts.size() != 1) {
            return false;
        }
        String asked = HttpAddress.withoutBrackets(hosts.getFirst().strip().replaceFirst(":\\d+$", ""));
        return asked.equals(host) || HttpAddress.isLoopback(asked);
    }
}
