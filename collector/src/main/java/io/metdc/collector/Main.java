package io.metdc.collector;

import io.metdc.collector.cli.CommandLineInterface;
import io.metdc.collector.cli.Surroundings;
import java.time.InstantSource;

/// The program.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(execute(arguments, InstantSource.system()));
    }

    /// Does what a command line says.
    ///
    /// @param clock the system's, but in tests of what becomes of a clock that is set
    /// @return the exit code
    static int execute(String[] arguments, InstantSource clock) {
        Surroundings surroundings = Surroundings.ofProcess();
        return new CommandLineInterface(surroundings, new Jobs(surroundings.home(), clock)).execute(arguments);
    }
}
