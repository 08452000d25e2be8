package io.metdc.collector;

import io.metdc.collector.cli.CommandLineInterface;
import io.metdc.collector.cli.Surroundings;

/// The program.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Surroundings surroundings = Surroundings.ofProcess();
        Jobs jobs = new Jobs(surroundings.home());
        System.exit(new CommandLineInterface(surroundings, jobs).execute(arguments));
    }
}
