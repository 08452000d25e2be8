package io.metdc.collector;

import io.metdc.completeness.Progress;
import io.metdc.connectors.ClockOffset;
import io.metdc.market.Failure;
import io.metdc.market.Market;
import io.metdc.storage.WriterStatus;
import io.metdc.symbols.Universe;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the collector is at: a moment's view.
///
/// @param writer          null while there is no database
/// @param behind          how old the oldest row is that is journaled and not stored; null without a database
/// @param databaseTrouble why there is none, if that is known
record Status(
        List<OfMarket> markets,
        Progress intake,
        JournalWatch.Status journal,
        @Nullable WriterStatus writer,
        @Nullable Duration behind,
        @Nullable String databaseTrouble) {
    /// Instruments that are named in the line.
    private static final int NAMED = 3;

    /// @param health  how well it is recorded
    /// @param resets  how many connections were replaced so far
    /// @param symbols what is known of its instruments
    /// @param trouble why it has no workers yet, or none for some instruments
    /// @param clock   how far the exchange's is ahead of ours; null before enough is known
    record OfMarket(
            Market market,
            List<WorkerStatus> workers,
            Health health,
            long resets,
            Universe.Status symbols,
            @Nullable Failure trouble,
            ClockOffset.@Nullable Estimate clock) {}

    long delivering() {
        return markets.stream()
                .flatMap(market -> market.workers().stream())
                .filter(worker -> worker.state() == WorkerStatus.State.DELIVERING)
                .count();
    }

    /// Of all markets.
    Health health() {
        return Health.of(markets.stream().map(OfMarket::health).toList());
    }

    long workers() {
        return markets.stream().mapToLong(market -> market.workers().size()).sum();
    }

    /// As the other one, when there is no earlier line to count from.
    String inWords() {
        return line("");
    }

    /// One line for the end: what became of every row of this run, as far as it got.
    String sums() {
        return String.format(
                Locale.ROOT,
                "in this run: %,d received · %,d journaled (%,d late) · %,d duplicate · %,d rejected (%,d of unknown"
                        + " instruments) · %,d consumed ids · %,d stored",
                intake.received(),
                intake.journaled(),
                intake.late(),
                intake.duplicate(),
                intake.rejected(),
                intake.unknown(),
                intake.consumed(),
                writer == null ? 0 : writer.stored());
    }

    /// One line for the log: what comes in, what is stored, and what is wrong by name.
    ///
    /// @param perSecond trades received a second since the last line
    String inWords(double perSecond) {
        return line(String.format(Locale.ROOT, " · %,.0f trades/s", perSecond));
    }

    /// How many instruments came, went and changed since the start, as ` (2 added, 1 dropped)`.
    private String changes() {
        Map<String, Long> sums = new TreeMap<>();
        for (OfMarket market : markets) {
            market.symbols().changes().forEach((kind, count) -> sums.merge(kind, count, Long::sum));
        }
        if (sums.isEmpty()) {
            return "";
        }
        return sums.entrySet().stream()
                .map(sum -> String.format(Locale.ROOT, "%,d %s", sum.getValue(), sum.getKey()))
                .collect(Collectors.joining(", ", " (", ")"));
    }

    private String line(String rate) {
        Health health = health();
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "health %.2f · %,d/%,d workers · %,d/%,d instruments delivering or quiet",
                health.value(),
                delivering(),
                workers(),
                health.delivering() + health.quiet(),
                health.asked()));
        line.append(changes()).append(rate);
        if (writer == null) {
            line.append(" · no database").append(databaseTrouble == null ? " yet" : ": " + databaseTrouble);
        } else {
            line.append(String.format(Locale.ROOT, " · %,d stored", writer.stored()));
            if (behind != null) {
                line.append(String.format(Locale.ROOT, " · journal %.1f s behind", behind.toMillis() / 1e3));
            }
        }
        if (intake.holes() > 0) {
            line.append(String.format(Locale.ROOT, " · %,d holes open", intake.holes()));
        }
        if (intake.rejected() > 0) {
            line.append(String.format(Locale.ROOT, " · %,d rejected", intake.rejected()));
            if (intake.unknown() > 0) {
                line.append(String.format(Locale.ROOT, " (%,d of unknown instruments)", intake.unknown()));
            }
        }
        if (intake.late() > 0) {
            line.append(String.format(Locale.ROOT, " · %,d late", intake.late()));
        }
        if (intake.refusal() != null) {
            line.append(" · the journal takes nothing: ").append(intake.refusal());
        }
        if (!journal.reading()) {
            line.append(" · reading has stopped until there is room");
        }
        String full = journal.fill().inWords();
        if (full != null) {
            line.append(" · ").append(full);
        }
        if (journal.damage().stretches() > 0) {
            line.append(String.format(
                    Locale.ROOT,
                    " · %,d stretches of the journal were damaged, %,d bytes (see the log)",
                    journal.damage().stretches(),
                    journal.damage().bytes()));
        }
        for (OfMarket market : markets) {
            if (market.trouble() != null) {
                line.append(" · ")
                        .append(market.market())
                        .append(": ")
                        .append(market.trouble().what());
            }
            if (market.clock() != null && market.clock().isBeyond(ClockWatch.TOLERATED)) {
                line.append(" · ").append(ClockWatch.inWords(market.market(), market.clock()));
            }
            Failure refused = market.symbols().trouble();
            if (refused != null && market.symbols().takenAt() != null) {
                line.append(String.format(
                        Locale.ROOT,
                        " · %s: its list of %s is in use, %,d answers were no better: %s",
                        market.market(),
                        market.symbols().takenAt(),
                        market.symbols().refused(),
                        refused.what()));
            }
            for (WorkerStatus worker : market.workers()) {
                if (worker.state() != WorkerStatus.State.DELIVERING) {
                    line.append(" · ")
                            .append(worker.name())
                            .append(' ')
                            .append(worker.state().inWords());
                }
            }
        }
        troubles(line, health);
        return line.toString();
    }

    /// The instruments that are neither delivering nor quiet, the worst by name.
    private static void troubles(StringBuilder line, Health health) {
        int sick = health.asked() - health.delivering() - health.quiet();
        if (sick > 0) {
            line.append(" · ")
                    .append(health.troubled().stream()
                            .limit(NAMED)
                            .map(Object::toString)
                            .collect(Collectors.joining(", ")));
            if (sick > NAMED) {
                line.append(String.format(Locale.ROOT, " and %,d more", sick - NAMED));
            }
        }
    }
}
