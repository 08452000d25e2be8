package io.metdc.collector.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where trades are kept, and for how long.
///
/// @param url       JDBC address of a PostgreSQL or TimescaleDB server; null for metdc's own, embedded one
/// @param user      the role to log in as at that server
/// @param password  its password; null where the server asks for none
/// @param retention what is older is dropped
/// @param maxDisk   bytes, oldest dropped first; null: embedded half of the space that was free at the
///                  first start, otherwise no bound
public record StorageSettings(
        @Nullable String url,
        String user,
        @Nullable Secret password,
        Duration retention,
        @Nullable Long maxDisk) {
    public StorageSettings {
        if (!retention.isPositive()) {
            throw new IllegalArgumentException("a retention of " + retention);
        }
        if (maxDisk != null && maxDisk <= 0) {
            throw new IllegalArgumentException("a maximum of " + maxDisk + " bytes");
        }
    }

    /// Whether metdc runs the database itself.
    public boolean isEmbedded() {
        return url == null;
    }

    static StorageSettings read(Section section) {
        DatabaseUrl database = section.optionalDatabase("url");
        String user = section.text("user", "metdc");
        Secret password = section.secret("password");
        if (database != null && database.user() != null && !section.isSet("user")) {
            user = database.user();
        }
        return new StorageSettings(
                database == null ? null : database.url(),
                user,
                database != null && password == null ? database.password() : password,
                section.duration("retention", Duration.ofDays(7), Duration.ofHours(2), Duration.ofDays(3650)),
                section.optionalSize("max_disk", 1L << 28));
    }
}
