package io.metdc.collector.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The address of a PostgreSQL database, with user and password taken out of it.
///
/// @param url `jdbc:postgresql://host:5432/name?…`, fit to be printed
record DatabaseUrl(
        String url, @Nullable String user, @Nullable Secret password) {
    private static final Pattern URL =
            Pattern.compile("(?:jdbc:)?postgres(?:ql)?://(?:([^/?@]*)@)?([^/?@]+)(/[^?]*)?(?:\\?(.*))?");

    /// Reads `jdbc:postgresql://host:5432/metdc`, and `postgresql://user:password@host/metdc` as other
    /// tools write it.
    ///
    /// @return null when it is no such address
    static @Nullable DatabaseUrl parse(String text) {
        Matcher matcher = URL.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        String user = null;
        String password = null;
        String login = matcher.group(1);
        if (login != null) {
            int colon = login.indexOf(':');
            user = colon < 0 ? login : login.substring(0, colon);
            password = colon < 0 ? null : login.substring(colon + 1);
        }
        List<String> parameters = new ArrayList<>();
        String query = matcher.group(4);
        for (String parameter : query == null ? new String[0] : query.split("&", -1)) {
            if (parameter.startsWith("user=")) {
                user = parameter.substring("user=".length());
            } else if (parameter.startsWith("password=")) {
                password = parameter.substring("password=".length());
            } else if (!parameter.isEmpty()) {
                parameters.add(parameter);
            }
        }
        String path = matcher.group(3) == null ? "/" : matcher.group(3);
        String url = "jdbc:postgresql://" + matcher.group(2) + path
                + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
        String decoded = decoded(password);
        return new DatabaseUrl(url, decoded(user), decoded == null ? null : new Secret(decoded));
    }

    private static @Nullable String decoded(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a lone percent sign means itself
        }
    }
}
