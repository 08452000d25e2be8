package io.metdc.collector.cli;

import io.metdc.collector.config.Secret;
import io.metdc.collector.config.Settings;
import io.metdc.collector.config.StorageSettings;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The settings of the database in the form that storage wants.
final class DatabaseAccess {
    private DatabaseAccess() {}

    static io.metdc.storage.StorageSettings settings(Settings settings) {
        StorageSettings storage = settings.storage();
        Secret password = storage.password();
        Long maxDisk = storage.maxDisk();
        @Nullable String user = storage.isEmbedded() ? null : storage.user();
        return new io.metdc.storage.StorageSettings(
                storage.url(),
                user,
                password == null ? null : password.reveal(),
                storage.retention(),
                maxDisk == null ? OptionalLong.empty() : OptionalLong.of(maxDisk),
                settings.dataDirectory());
    }
}
