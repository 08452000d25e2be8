package io.metdc.collector;

import io.metdc.market.Instrument;
import io.metdc.symbols.Collision;
import io.metdc.symbols.ExpectedRates;
import io.metdc.symbols.InvalidSymbolsFile;
import io.metdc.symbols.SymbolsFile;
import io.metdc.symbols.Universe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps what outlasts a run: `symbols.yaml`, and how often each instrument is traded. Says names that may mean another
/// coin once each. One virtual thread; nothing waits for it, and no failure of it stops anything.
final class SymbolsUpkeep implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(SymbolsUpkeep.class);

    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration LEARN = Duration.ofMinutes(5);

    private final Universe universe;
    private final Path file;
    private final List<SymbolsFile.Place> places;
    private final Duration retryCooldown;
    private final ExpectedRates rates;
    private final Supplier<Map<Instrument.Key, Long>> received;
    private final InstantSource clock;
    private final Set<Collision> said = new HashSet<>();
    private List<Universe.Status> written = List.of();
    private @Nullable SymbolsFile before;
    private boolean isFailing;

    /// @param received rows of each instrument since the start
    SymbolsUpkeep(
            Universe universe,
            Path file,
            List<SymbolsFile.Place> places,
            Duration retryCooldown,
            ExpectedRates rates,
            Supplier<Map<Instrument.Key, Long>> received,
            InstantSource clock) {
        this.universe = universe;
        this.file = file;
        this.places = places;
        this.retryCooldown = retryCooldown;
        this.rates = rates;
        this.received = received;
        this.clock = clock;
    }

    @Override
    public void run() {
        long learned = System.nanoTime();
        try {
            before = read();
            while (true) {
                Thread.sleep(LOOK);
                try {
                    write();
                    long now = System.nanoTime();
                    if (now - learned > LEARN.toNanos()) {
                        learn(Duration.ofNanos(now - learned));
                        learned = now;
                    }
                } catch (RuntimeException e) { // a bug of ours
                    log.error("what is collected cannot be written down; going on", e);
                }
            }
        } catch (InterruptedException _) {
            // the only stop signal
        } finally {
            learn(Duration.ofNanos(System.nanoTime() - learned));
        }
    }

    private void learn(Duration since) {
        rates.learn(received.get(), since);
        rates.write();
    }

    private @Nullable SymbolsFile read() {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return SymbolsFile.read(file);
        } catch (InvalidSymbolsFile | IOException e) {
            log.warn("{}", e.getMessage());
            return null;
        }
    }

    /// When something is other than what was written last.
    private void write() {
        List<Universe.Status> now = universe.status();
        if (now.equals(written) || now.stream().allMatch(status -> status.takenAt() == null)) {
            return;
        }
        universe.collisions().stream().filter(said::add).forEach(collision -> log.info("{}", collision));
        SymbolsFile symbols = SymbolsFile.of(universe, places, retryCooldown, before, clock.instant());
        try {
            symbols.write(file);
            written = now;
            before = symbols;
            isFailing = false;
        } catch (IOException e) {
            if (!isFailing) {
                isFailing = true;
                log.warn("{} cannot be written: {}; symbols.file says where it is", file, e.toString());
            }
        }
    }
}
