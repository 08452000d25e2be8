package io.metdc.collector.config;

import io.metdc.collector.config.Given.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One reading of all settings: what was given goes in, the settings as they were declared, and everything
/// that is wrong, come out. Used by one thread.
final class Reading {
    final Map<String, Given> given;
    final Path base;
    final Path folder;

    /// In the order of declaration, which is the order of the file.
    final List<Setting> settings = new ArrayList<>();

    final Map<String, Shape> declared = new LinkedHashMap<>();
    final List<Problem> problems = new ArrayList<>();
    final List<Problem> warnings = new ArrayList<>();

    /// @param base   what relative paths in the configuration are relative to
    /// @param folder of the configuration
    Reading(Map<String, Given> given, Path base, Path folder) {
        this.given = given;
        this.base = base;
        this.folder = folder;
    }

    Section root() {
        return new Section(this, "", true);
    }
}
