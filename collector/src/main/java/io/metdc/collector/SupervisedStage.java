package io.metdc.collector;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A part of the program that has to move while it has work. Watched by the [Supervisor].
///
/// @param standing what it is at now; asked every second on the supervisor's thread: it must be quick and wait for
///                 nothing
/// @param timeOut  so long it may have work and do nothing
/// @param restart  makes it begin anew; null where only the whole process can. May wait
record SupervisedStage(
        String name,
        Supplier<Standing> standing,
        Duration timeOut,
        @Nullable Runnable restart) {

    /// @param hasWork whether there is anything to do
    /// @param counter another one whenever something was done
    record Standing(boolean hasWork, long counter) {}

    /// One that sleeps until its next turn: from then on it has work, until it sleeps again.
    ///
    /// @param dueAt when its turn was or is, of the monotonic clock
    static SupervisedStage due(String name, LongSupplier dueAt, Duration timeOut) {
        return new SupervisedStage(
                name,
                () -> {
                    long due = dueAt.getAsLong();
                    return new Standing(System.nanoTime() - due >= 0, due);
                },
                timeOut,
                null);
    }

    SupervisedStage {
        if (!timeOut.isPositive()) {
            throw new IllegalArgumentException(name + " may do nothing for " + timeOut);
        }
    }
}
