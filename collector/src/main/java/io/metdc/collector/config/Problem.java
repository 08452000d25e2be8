package io.metdc.collector.config;

/// Something wrong with the configuration, or worth a word.
///
/// @param where `config/config.yaml:12`, `METDC_STORAGE_RETENTION`, `--set`
public record Problem(String where, String what) {
    @Override
    public String toString() {
        return where + ": " + what;
    }
}
