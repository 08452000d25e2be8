package io.metdc.collector;

import io.metdc.collector.faults.SteppedClock;
import java.nio.file.Path;

/// The program as it is, but with a clock that another process can set: [SteppedClock]. Part of the
/// tests, so that nothing of the kind is in the program itself.
public final class SteppedMain {
    /// The system property that names the clock's file.
    static final String CLOCK = "metdc.test.clock";

    private SteppedMain() {}

    public static void main(String[] arguments) {
        System.exit(Main.execute(arguments, SteppedClock.at(Path.of(System.getProperty(CLOCK)))));
    }
}
