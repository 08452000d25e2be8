package io.metdc.collector.config;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Who is told of a listing at once.
///
/// @param webhook an address (http or https) that takes alerts as JSON; null for none. Whoever knows it can post there,
///                so it is a secret
public record AlertSettings(@Nullable Secret webhook) {
    /// Where alerts are posted.
    public List<URI> addresses() {
        return webhook == null ? List.of() : List.of(URI.create(webhook.reveal()));
    }

    static AlertSettings read(Section section) {
        Secret webhook = section.secret("webhook_url");
        if (webhook != null && !isAddress(webhook.reveal())) {
            section.refuse("webhook_url", "is not an address such as https://host/path");
            return new AlertSettings(null);
        }
        return new AlertSettings(webhook);
    }

    private static boolean isAddress(String text) {
        try {
            URI address = URI.create(text);
            String scheme = address.getScheme();
            return address.getHost() != null
                    && scheme != null
                    && scheme.toLowerCase(Locale.ROOT).matches("https?");
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
