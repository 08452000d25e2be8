package io.metdc.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Where trades are stored, and how long.
///
/// @param url           `jdbc:postgresql://…` or `postgresql://…`; null: metdc runs its own PostgreSQL
/// @param user          null: the one in the URL, else `metdc`
/// @param password      null: the one in the URL, else `~/.pgpass`
/// @param retention     trades executed longer ago are dropped, by whole hours
/// @param maxDiskBytes  the oldest hours are dropped when the database is larger; empty: half of the space that
///                      was free at the first start where metdc runs the server itself, otherwise no limit
/// @param dataDirectory `data/`: the embedded server lives in `postgresql/` below it
public record StorageSettings(
        @Nullable String url,
        @Nullable String user,
        @Nullable String password,
        Duration retention,
        OptionalLong maxDiskBytes,
        Path dataDirectory) {

    public static final Duration DEFAULT_RETENTION = Duration.ofDays(7);

    public StorageSettings {
        if (retention.compareTo(Duration.ofHours(2)) < 0) {
            throw new IllegalArgumentException("storage.retention is " + retention + ", at least 2h are needed");
        }
        if (maxDiskBytes.isPresent() && maxDiskBytes.getAsLong() < 1L << 28) {
            throw new IllegalArgumentException("storage.max_disk is " + maxDiskBytes.getAsLong() + ", at least 256MB");
        }
    }

    /// An embedded server below `dataDirectory`, with the defaults.
    public static StorageSettings embedded(Path dataDirectory) {
        return new StorageSettings(null, null, null, DEFAULT_RETENTION, OptionalLong.empty(), dataDirectory);
    }

    /// A server that is there already, with the defaults.
    public static StorageSettings external(
            String url, @Nullable String user, @Nullable String password, Path dataDirectory) {
        return new StorageSettings(url, user, password, DEFAULT_RETENTION, OptionalLong.empty(), dataDirectory);
    }

    public StorageSettings withRetention(Duration retention) {
        return new StorageSettings(url, user, password, retention, maxDiskBytes, dataDirectory);
    }

    public StorageSettings withMaxDisk(long bytes) {
        return new StorageSettings(url, user, password, retention, OptionalLong.of(bytes), dataDirectory);
    }

    /// Without the password, also where it is part of the URL.
    @Override
    public String toString() {
        return "StorageSettings[url="
                + (url == null
                        ? "none"
                        : url.replaceAll("//[^@/]*@", "//…@").replaceAll("password=[^&]*", "password=…"))
                + ", user=" + user + ", retention=" + retention + ", maxDiskBytes=" + maxDiskBytes + ", dataDirectory="
                + dataDirectory + "]";
    }
}
