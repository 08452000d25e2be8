package io.metdc.listings.watch;

import java.nio.charset.StandardCharsets;

/// The beginning of a text from outside, fit for a log: one line, printable, short.
final class Excerpt {
    private static final int LONGEST = 160;

    private Excerpt() {}

    static String of(String text) {
        String start = text.substring(0, Math.min(text.length(), 2 * LONGEST));
        String line = start.replaceAll("[\\s\\p{Cntrl}\\p{Cf}]+", " ").strip();
        return line.length() <= LONGEST && start.length() == text.length()
                ? line
                : line.substring(0, Math.min(line.length(), LONGEST)) + "…";
    }

    static String of(byte[] body) {
        return of(new String(body, 0, Math.min(body.length, 4 * LONGEST), StandardCharsets.UTF_8));
    }
}
