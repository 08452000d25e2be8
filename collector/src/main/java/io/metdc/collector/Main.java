package io.metdc.collector;

import io.metdc.collector.cli.CommandLineInterface;
import io.metdc.collector.cli.Surroundings;

/// The program.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLineInterface(Surroundings.ofProcess(), null).execute(arguments));
    }
}
