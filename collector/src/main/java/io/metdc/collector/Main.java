package io.metdc.collector;

import io.metdc.collector.cli.CommandLineInterface;
import io.metdc.collector.cli.Surroundings;
import java.nio.file.Path;
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
        String addressFile = surroundings.variables().get("METDC_ADDRESS_FILE");
        Jobs jobs = new Jobs(surroundings.home(), addressFile == null ? null : Path.of(addressFile), clock);
        return new CommandLineInterface(surroundings, jobs).execute(arguments);
    }
}
