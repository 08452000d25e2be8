package io.metdc.dashboard;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where it is listened, and who may ask.
///
/// @param host  a name or address of this machine
/// @param port  0 for any that is free
/// @param token what whoever asks has to present; null where nobody has to. Needed beyond loopback
public record HttpAddress(String host, int port, @Nullable String token) {
    public HttpAddress {
        if (token == null && !isLoopback(host)) {
            throw new IllegalArgumentException("without a token nobody but this machine may ask: " + host);
        }
    }

    /// Whether only this machine reaches it. By how it is written: a name may mean another address tomorrow.
    public static boolean isLoopback(String host) {
        String plain = withoutBrackets(host);
        return plain.equals("localhost") || plain.equals("::1") || plain.matches("127(\\.\\d{1,3}){3}");
    }

    static String withoutBrackets(String host) {
        String plain = host.toLowerCase(Locale.ROOT);
        return plain.startsWith("[") && plain.endsWith("]") ? plain.substring(1, plain.length() - 1) : plain;
    }

    /// Without the token.
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
