package io.metdc.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Child processes with the Java and the class path of this one.
final class Java {
    private Java() {}

    /// The beginning of a command line, to which the main class and its arguments are added.
    static List<String> command(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        return command;
    }
}
