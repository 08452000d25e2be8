package io.metdc.connectors;

import io.metdc.market.Failure;
import java.time.Duration;
import java.util.OptionalLong;

/// What an HTTP status means for the next attempt, alike for REST and for a refused WebSocket handshake.
final class HttpStatus {
    static final int SWITCHING_PROTOCOLS = 101;
    static final int UNAUTHORIZED = 401;
    static final int TOO_MANY_REQUESTS = 429;

    /// Where a ban does not say how long it lasts: Binance's shortest is 2 min, Bybit's 403 wants 10 min of
    /// silence.
    private static final Duration BANNED = Duration.ofMinutes(2);
    private static final Duration FORBIDDEN = Duration.ofMinutes(10);

    private static final Duration LONGEST = Duration.ofDays(3);

    private HttpStatus() {}

    /// Classifies a status that is no success.
    ///
    /// @param where     the exchange and the address
    /// @param said      the beginning of the answer, or ""
    /// @param pauseSecs how long to stay away as the answer says, if it does
    /// @param tooMany   how long after 429 otherwise
    static Failure failure(int status, String where, String said, OptionalLong pauseSecs, Duration tooMany) {
        String what = where + " answered " + status + (said.isEmpty() ? "" : ": " + said);
        return switch (status) {
            case TOO_MANY_REQUESTS -> new Failure.Ban(what, pause(pauseSecs, tooMany));
            case 418 -> new Failure.Ban(what, pause(pauseSecs, BANNED));
            case 403 ->
                new Failure.Ban(what + " (banned, or not served from this country)", pause(pauseSecs, FORBIDDEN));
            case 451 -> new Failure.Fatal(what + " (the exchange does not serve this country)");
            case 400, 401, 404, 405, 410 -> new Failure.Fatal(what);
            case 503 ->
                pauseSecs.isPresent()
                        ? new Failure.Ban(what, pause(pauseSecs, tooMany))
                        : new Failure.Recoverable(what);
            default -> new Failure.Recoverable(what);
        };
    }

    /// Seconds as in `Retry-After`; its other form, a date, is not used by exchanges.
    static OptionalLong seconds(String retryAfter) {
        String text = retryAfter.strip();
        return text.matches("\\d{1,9}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    private static Duration pause(OptionalLong seconds, Duration otherwise) {
        if (seconds.isEmpty()) {
            return otherwise;
        }
        Duration said = Duration.ofSeconds(Math.max(1, seconds.getAsLong()));
        return said.compareTo(LONGEST) > 0 ? LONGEST : said;
    }
}
