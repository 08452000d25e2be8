package io.metdc.collector.config;

import java.util.regex.Pattern;

/// A password or key that is shown to nobody by accident: its text form is `***`.
public final class Secret {
    static final String HIDDEN = "***";

    private static final Pattern IN_ADDRESS = Pattern.compile("//[^/@\\s]*@");
    private static final Pattern IN_QUERY = Pattern.compile("(?i)(pass(?:word|wd)?=)[^&\\s]*");

    private final String value;

    Secret(String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("an empty secret");
        }
        this.value = value;
    }

    /// The secret itself, for whoever has to present it.
    public String reveal() {
        return value;
    }

    /// The text with what looks like a password in an address taken out, so that it can be printed.
    static String masked(String text) {
        return IN_QUERY.matcher(IN_ADDRESS.matcher(text).replaceAll("//" + HIDDEN + "@"))
                .replaceAll("$1" + HIDDEN);
    }

    @Override
    public String toString() {
        return HIDDEN;
    }
}
