package io.metdc.connectors;

import io.metdc.connectors.Http.Answered;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How long an answer asks to be left alone, what its clock says, and how old it is.
public final class RetryAfter {
    private static final int BANNED = 418;
    private static final Duration LONGEST = Duration.ofDays(3); // longer is a mistake, and blind for good
    private static final int MAX_TEXT = 2000;

    /// Docs as of 2026-11: the body of a 418 tells the length, in which words they do not say.
    private static final Pattern LENGTH =
            Pattern.compile("(\\d{1,6})\\s*(seconds?|secs?|minutes?|mins?|hours?|초|분|시간)");

    private RetryAfter() {}

    /// The pause that is told, by `Retry-After` or, with a 418, in the body; empty when none is.
    ///
    /// @param now our clock
    public static Optional<Duration> of(Answered answer, Instant now) {
        Optional<Duration> told = inHeader(answer, now);
        return told.isEmpty() && answer.status() == BANNED ? inText(answer.body()) : told;
    }

    /// The pause that `Retry-After` tells: seconds, or a date, by the answer's own clock if it gives it.
    static Optional<Duration> inHeader(Answered answer, Instant now) {
        String header = answer.header("Retry-After").strip();
        if (header.matches("\\d{1,9}")) {
            return Optional.of(bounded(Duration.ofSeconds(Long.parseLong(header))));
        }
        return date(header)
                .map(until ->
                        bounded(Duration.between(date(answer.header("Date")).orElse(now), until)));
    }

    /// What the clock of the server said, whole seconds; [Instant#MIN] where it said nothing, or long ago.
    public static Instant serverAt(Answered answer) {
        return age(answer).isZero() ? date(answer.header("Date")).orElse(Instant.MIN) : Instant.MIN;
    }

    /// How long ago a copy that somebody on the way had kept was the truth, by `Age`; zero for an answer of the
    /// exchange
    /// itself.
    public static Duration age(Answered answer) {
        String header = answer.header("Age").strip();
        return header.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(header)) : Duration.ZERO;
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /// The pause that a body tells in words, as `30 seconds`, `5분`.
    static Optional<Duration> inText(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, MAX_TEXT), StandardCharsets.UTF_8);
        Matcher matcher = LENGTH.matcher(text);
        if (!matcher.find()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(bounded(
                switch (matcher.group(2).charAt(0)) {
                    case 'm', '분' -> Duration.ofMinutes(number);
                    case 'h', '시' -> Duration.ofHours(number);
                    default -> Duration.ofSeconds(number);
                }));
    }

    /// No longer than anybody bans, and not negative.
    static Duration bounded(Duration told) {
        return told.isNegative() ? Duration.ZERO : told.compareTo(LONGEST) > 0 ? LONGEST : told;
    }
}
