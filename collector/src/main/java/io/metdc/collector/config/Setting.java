package io.metdc.collector.config;

import java.util.Locale;

/// One setting as `config show` prints it.
///
/// @param key       dotted: `storage.retention`
/// @param shown     the value in the notation of the file; `***` for a secret, "" when there is none
/// @param effective whether this version does anything with it
public record Setting(String key, String shown, ValueOrigin origin, boolean effective) {
    private static final String PREFIX = "METDC_";

    /// Whether somebody set it.
    public boolean isSet() {
        return origin.rank() > 0;
    }

    /// The environment variable of a setting: `storage.password` is `METDC_STORAGE_PASSWORD`.
    public static String variable(String key) {
        return PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
