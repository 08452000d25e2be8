package io.metdc.storage;

import io.metdc.market.Failure;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/// Which database, and as whom.
///
/// @param jdbcUrl  without user and password
/// @param place    `host:port/database`, for messages
/// @param database its name
/// @param user     the login role
/// @param password null where pgjdbc looks for it itself, in `~/.pgpass`
public record DatabaseAddress(
        String jdbcUrl,
        String place,
        String database,
        String user,
        @Nullable String password) {
    static final String DEFAULT_USER = "metdc";

    private static final Pattern SHAPE = Pattern.compile("(?:jdbc:)?(?:postgresql|postgres)://(?:([^@/?]*)@)?([^@]*)");

    /// Takes `jdbc:postgresql://host:port/database?options`, `postgresql://user:password@host/database` and
    /// `postgres://…`.
    ///
    /// @param user     wins over the one in the URL
    /// @param password wins over the one in the URL
    public static DatabaseAddress parse(String url, @Nullable String user, @Nullable String password)
            throws DatabaseException {
        Matcher shape = SHAPE.matcher(url.strip());
        if (!shape.matches()) {
            throw unreadable();
        }
        String jdbcUrl = "jdbc:postgresql://" + shape.group(2);
        Properties parts = Driver.parseURL(jdbcUrl, null);
        if (parts == null) {
            throw unreadable();
        }
        String inUrl = shape.group(1);
        String userInUrl = PGProperty.USER.getOrNull(parts);
        String passwordInUrl = PGProperty.PASSWORD.getOrNull(parts);
        if (inUrl != null) {
            int colon = inUrl.indexOf(':');
            userInUrl = decoded(colon < 0 ? inUrl : inUrl.substring(0, colon));
            passwordInUrl = colon < 0 ? null : decoded(inUrl.substring(colon + 1));
        }
        String chosenUser = user != null ? user : userInUrl != null ? userInUrl : DEFAULT_USER;
        String database = PGProperty.PG_DBNAME.getOrDefault(parts);
        if (database == null || database.isEmpty()) {
            database = chosenUser;
        }
        String place =
                PGProperty.PG_HOST.getOrDefault(parts) + ":" + PGProperty.PG_PORT.getOrDefault(parts) + "/" + database;
        return new DatabaseAddress(
                withoutLogin(jdbcUrl), place, database, chosenUser, password != null ? password : passwordInUrl);
    }

    static DatabaseAddress local(int port, String database, String user, String password) {
        String place = "127.0.0.1:" + port + "/" + database;
        return new DatabaseAddress("jdbc:postgresql://" + place, place, database, user, password);
    }

    /// `postgresql://user@host:port/database`: what psql and other tools take. Without the password.
    public String url() {
        return "postgresql://" + user + "@" + jdbcUrl.substring("jdbc:postgresql://".length());
    }

    @Override
    public String toString() {
        return user + "@" + place;
    }

    private static String withoutLogin(String jdbcUrl) {
        return jdbcUrl.replaceAll("(?<=[?&])(user|password)=[^&]*&?", "").replaceAll("[?&]$", "");
    }

    private static String decoded(String text) throws DatabaseException {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw unreadable();
        }
    }

    /// Never quotes the URL: what cannot be read may hold a password.
    private static DatabaseException unreadable() {
        return new DatabaseException(
                new Failure.Fatal(
                        "storage.url cannot be read: it looks like postgresql://host:5432/database or jdbc:postgresql://host:5432/database"));
    }
}
