package io.metdc.collector.faults;

import io.metdc.collector.faults.Fault.Kind;
import io.metdc.market.Market;
import io.metdc.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a run of the fault kit is to be.
///
/// @param duration    how long faults happen
/// @param rate        prints a second of all markets together
/// @param every       one fault in each stretch of so long
/// @param seed        decides tape and faults
/// @param instruments on each market
/// @param kinds       of faults
/// @param settling    how long the program has afterwards until every hole has its outcome
/// @param database    a server on this machine in place of one of the kit's own; a user that may create
///                    databases
/// @param folder      where all of it lies; empty or not there
record FaultOptions(
        Duration duration,
        int rate,
        Duration every,
        long seed,
        int instruments,
        List<Market> markets,
        Set<Kind> kinds,
        Duration settling,
        @Nullable String database,
        Path folder) {
    static FaultOptions in(Path folder) {
        return new FaultOptions(
                Duration.ofMinutes(10),
                10_000,
                Duration.ofSeconds(5),
                1,
                40,
                SimulatorOptions.ALL_MARKETS,
                Fault.ALL,
                Duration.ofMinutes(3),
                null,
                folder);
    }

    FaultOptions withDuration(Duration value) {
        return new FaultOptions(value, rate, every, seed, instruments, markets, kinds, settling, database, folder);
    }

    FaultOptions withRate(int value) {
        return new FaultOptions(duration, value, every, seed, instruments, markets, kinds, settling, database, folder);
    }

    FaultOptions withEvery(Duration value) {
        return new FaultOptions(duration, rate, value, seed, instruments, markets, kinds, settling, database, folder);
    }

    FaultOptions withSeed(long value) {
        return new FaultOptions(duration, rate, every, value, instruments, markets, kinds, settling, database, folder);
    }

    FaultOptions withInstruments(int value) {
        return new FaultOptions(duration, rate, every, seed, value, markets, kinds, settling, database, folder);
    }

    FaultOptions withMarkets(List<Market> value) {
        return new FaultOptions(duration, rate, every, seed, instruments, value, kinds, settling, database, folder);
    }

    FaultOptions withKinds(Set<Kind> value) {
        return new FaultOptions(duration, rate, every, seed, instruments, markets, value, settling, database, folder);
    }

    FaultOptions withSettling(Duration value) {
        return new FaultOptions(duration, rate, every, seed, instruments, markets, kinds, value, database, folder);
    }

    FaultOptions withDatabase(@Nullable String value) {
        return new FaultOptions(duration, rate, every, seed, instruments, markets, kinds, settling, value, folder);
    }
}
