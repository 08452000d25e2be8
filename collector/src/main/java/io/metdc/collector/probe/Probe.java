package io.metdc.collector.probe;

import io.metdc.collector.frames.FrameRecording;
import io.metdc.connectors.Assumption;
import io.metdc.connectors.Assumption.Proof;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Counts;
import io.metdc.connectors.Endpoint;
import io.metdc.connectors.Evidence;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.FrameTap;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Session;
import io.metdc.connectors.Stretch;
import io.metdc.connectors.Subscribed;
import io.metdc.connectors.SymbolTable;
import io.metdc.connectors.UnreadableAnswer;
import io.metdc.market.Instrument;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Looks at one market for a while: asks for its instruments, subscribes a few, compares what comes with what REST
/// says, and gives a verdict on each thing that the market's connector relies on.
///
/// Blocks its thread, which should be a virtual one.
public final class Probe {
    /// The instruments that trade everywhere and most.
    private static final List<String> POPULAR = List.of("BTC", "XBT", "ETH", "SOL", "XRP", "DOGE", "USDT");

    private static final int INSTRUMENTS = 5;
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final long CLOCK_NANOS = Duration.ofSeconds(10).toNanos();

    private final Connector connector;
    private final @Nullable URI websocketUrl;
    private final URI restUrl;
    private final Network network;
    private final Duration duration;
    private final @Nullable FrameRecording recording;
    private final InstantSource clock;

    private final Map<Proof, Verdict> proofs = new EnumMap<>(Proof.class);
    private final List<Instrument> wanted = new ArrayList<>();
    private final Seen seen = new Seen();

    /// @param websocketUrl as configured; null where only the exchange tells it
    /// @param duration     how long to listen
    /// @param recording    keeps every frame as it came; null for none
    public Probe(
            Connector connector,
            @Nullable URI websocketUrl,
            URI restUrl,
            Network network,
            Duration duration,
            @Nullable FrameRecording recording,
            InstantSource clock) {
        this.connector = connector;
        this.websocketUrl = websocketUrl;
        this.restUrl = restUrl;
        this.network = network;
        this.duration = duration;
        this.recording = recording;
        this.clock = clock;
    }

    /// Looks, and reports; what cannot be reached is a verdict, too.
    public ProbeReport run() throws InterruptedException {
        try (RestClient rest = new RestClient(connector, restUrl, network, clock)) {
            list(rest);
            if (!wanted.isEmpty()) {
                listen(rest);
                compare(rest);
            }
        } catch (FeedException e) {
            proofs.put(
                    Proof.LISTED,
                    Verdict.changed(words(Proof.LISTED), e.failure().what(), "set rest_url"));
        }
        return new ProbeReport(
                connector.market(), wanted.stream().map(Instrument::symbol).toList(), seen.count(), verdicts());
    }

    /// First what holds for every exchange, then what this one's documents call uncertain.
    private List<Verdict> verdicts() {
        List<Verdict> verdicts = new ArrayList<>();
        for (Proof proof : Proof.values()) {
            if (proof != Proof.BY_HAND && proof != Proof.SNAPSHOT && (proof != Proof.CONTIGUOUS || isByIds())) {
                verdicts.add(verdict(proof, words(proof)));
            }
        }
        for (Assumption assumption : connector.assumptions()) {
            verdicts.add(verdict(assumption.proof(), assumption.what()));
        }
        return verdicts;
    }

    private Verdict verdict(Proof proof, String what) {
        if (proof == Proof.BY_HAND) {
            return new Verdict(Verdict.Outcome.BY_HAND, what, "", "");
        }
        Verdict found = proofs.getOrDefault(proof, Verdict.unseen(what, "it did not come to that"));
        return new Verdict(found.outcome(), what, found.measured(), found.advice());
    }

    private boolean isByIds() {
        return connector.evidence() instanceof Evidence.ByIds;
    }

    private static String words(Proof proof) {
        return switch (proof) {
            case LISTED -> "the list of instruments is as documented";
            case ACKNOWLEDGED -> "subscriptions are acknowledged";
            case DELIVERED -> "trades arrive";
            case READABLE -> "every frame and row can be read";
            case TIME -> "times come in the market's unit and near our clock";
            case CONTIGUOUS -> "ids leave no number out";
            case SAME_BY_REST -> "a trade is the same by stream and by REST";
            case SNAPSHOT -> "trades of the past come on subscribing";
            case BY_HAND -> "to be looked at by hand";
        };
    }

    private void list(RestClient rest) throws InterruptedException {
        try {
            List<Listing> listings = rest.instruments();
            List<Instrument> collected = listings.stream()
                    .map(Listing::instrument)
                    .filter(Objects::nonNull)
                    .toList();
            choose(collected);
            String measured = count(listings.size()) + " offered, " + count(collected.size()) + " collected";
            proofs.put(
                    Proof.LISTED,
                    collected.isEmpty()
                            ? Verdict.changed(
                                    "", measured + ", " + reasons(listings), "the selection rules fit no more")
                            : Verdict.holds("", measured));
        } catch (FeedException e) {
            proofs.put(Proof.LISTED, Verdict.changed("", e.failure().what(), "see rest_url"));
        }
    }

    private static String reasons(List<Listing> listings) {
        Map<String, Integer> reasons = new HashMap<>();
        listings.forEach(listing -> reasons.merge(listing.dropped(), 1, Integer::sum));
        return reasons.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(most -> "most dropped for: " + most.getKey())
                .orElse("nothing dropped");
    }

    private void choose(List<Instrument> collected) {
        for (String base : POPULAR) {
            collected.stream()
                    .filter(instrument -> instrument.base().equals(base) && wanted.size() < INSTRUMENTS)
                    .findFirst()
                    .ifPresent(wanted::add);
        }
        collected.stream()
                .filter(instrument -> !wanted.contains(instrument))
                .limit(INSTRUMENTS - wanted.size())
                .forEach(wanted::add);
    }

    private void listen(RestClient rest) throws InterruptedException {
        String name = connector.market() + "-probe";
        try {
            byte[] ticket = rest.ticket();
            Endpoint endpoint = connector.endpoint(websocketUrl, name + "-" + clock.millis(), ticket);
            FrameTap tap = recording == null ? null : recording.tap(connector.market(), name);
            try (Session session =
                    Session.open(name, connector, endpoint, network, new SymbolTable(wanted), seen, clock, tap)) {
                Subscribed answer = session.subscribe(wanted);
                String measured = answer.accepted().size() + " of " + wanted.size();
                proofs.put(
                        Proof.ACKNOWLEDGED,
                        answer.refused().isEmpty()
                                ? Verdict.holds("", measured)
                                : Verdict.changed(
                                        "",
                                        measured + "; "
                                                + answer.refused()
                                                        .getFirst()
                                                        .failure()
                                                        .what(),
                                        "look at the form of requests"));
                watch(session);
                judge(session.counts());
            }
        } catch (FeedException e) {
            fail(e.failure().what());
        } catch (UnreadableAnswer e) {
            fail("no address: " + e.getMessage());
        }
    }

    private void fail(String what) {
        proofs.putIfAbsent(Proof.ACKNOWLEDGED, Verdict.changed("", what, "set websocket_url, or wait if it is a ban"));
        if (seen.count() == 0) {
            proofs.putIfAbsent(Proof.DELIVERED, Verdict.unseen("", "no connection"));
        }
    }

    private void watch(Session session) throws FeedException, InterruptedException {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end) {
            session.next(LOOK);
        }
    }

    private void judge(Counts counts) {
        String traded = count(seen.count()) + " trades of " + seen.instruments().size() + " of " + wanted.size()
                + " instruments";
        long other = seen.rejected(RejectReason.TIME_UNIT);
        proofs.put(
                Proof.DELIVERED,
                seen.count() + seen.rejected() > 0
                        ? Verdict.holds("", traded)
                        : Verdict.changed(
                                "",
                                traded + ", " + count(counts.frames()) + " frames",
                                "acknowledged and silent: the address, its path or the channel may be another now"));
        long unreadable = counts.unreadable().values().stream()
                .mapToLong(Counts.Unreadable::count)
                .sum();
        long malformed = seen.rejected()
                - other
                - seen.rejected(RejectReason.IMPLAUSIBLE_TIME)
                - seen.rejected(RejectReason.REPEAT) // these two were read well
                - seen.rejected(RejectReason.CUT_GROUP);
        proofs.put(
                Proof.READABLE,
                counts.frames() == 0
                        ? Verdict.unseen("", "no frame came")
                        : unreadable + malformed == 0
                                ? Verdict.holds("", count(counts.frames()) + " frames")
                                : Verdict.changed(
                                        "",
                                        count(unreadable) + " frames and " + count(malformed) + " rows of "
                                                + count(counts.frames()) + " frames" + sample(counts),
                                        "the wire format may have changed"));
        proofs.put(Proof.TIME, time(other + seen.rejected(RejectReason.IMPLAUSIBLE_TIME)));
        proofs.put(
                Proof.SNAPSHOT,
                seen.snapshots() > 0
                        ? Verdict.holds("", count(seen.snapshots()) + " trades")
                        : Verdict.unseen("", "none of " + count(seen.count()) + " trades"));
        if (isByIds()) {
            List<Long> missing = new ArrayList<>();
            seen.instruments().forEach(instrument -> missing.addAll(seen.missing(instrument)));
            proofs.put(
                    Proof.CONTIGUOUS,
                    seen.numbers() < 2
                            ? Verdict.unseen("", "too few trades")
                            : missing.isEmpty()
                                    ? Verdict.holds("", count(seen.numbers()) + " numbers")
                                    : Verdict.changed(
                                            "",
                                            count(missing.size()) + " of "
                                                    + count(seen.numbers() + missing.size()) + " numbers missing, the"
                                                    + " first: " + missing.getFirst(),
                                            "trades were lost on the way, or ids are used for something new"));
        }
    }

    private Verdict time(long wrong) {
        Rejected other = seen.first(RejectReason.TIME_UNIT);
        Rejected first = other == null ? seen.first(RejectReason.IMPLAUSIBLE_TIME) : other;
        if (wrong > 0 && first != null) {
            return Verdict.changed(
                    "",
                    count(wrong) + " rows in another unit, the first: " + first.detail(),
                    "set time_unit of this market, if it has another one");
        }
        List<Long> delays = new ArrayList<>();
        for (Instrument instrument : seen.instruments()) {
            seen.trades(instrument).stream()
                    .filter(trade -> trade.origin() == Origin.STREAM)
                    .forEach(trade -> delays.add(trade.receivedAtNanos() - trade.executedAtNanos()));
        }
        if (delays.isEmpty()) {
            return Verdict.unseen("", "no trade");
        }
        delays.sort(null);
        long median = delays.get(delays.size() / 2);
        String measured = String.format(Locale.ROOT, "received %,d ms after, in the median", median / 1_000_000);
        return Math.abs(median) < CLOCK_NANOS
                ? Verdict.holds("", measured)
                : Verdict.changed("", measured, "set this machine's clock");
    }

    private static String sample(Counts counts) {
        return counts.unreadable().entrySet().stream()
                .findFirst()
                .map(kind -> ", " + kind.getKey() + ": " + kind.getValue().sample())
                .orElse("");
    }

    /// Only trades between the ends of an answer by REST are compared: whether it has the others is chance.
    private void compare(RestClient rest) throws InterruptedException {
        long compared = 0;
        List<String> differences = new ArrayList<>();
        String trouble = "";
        for (Instrument instrument : seen.instruments()) {
            Map<TradeId, Trade> byRest = new HashMap<>();
            try {
                for (Row row : rest.trades(Stretch.newest(instrument), Origin.REFILL, 1)) {
                    if (row instanceof Trade trade) {
                        byRest.put(trade.id(), trade);
                    }
                }
            } catch (FeedException e) {
                trouble = e.failure().what();
                continue;
            }
            long from = byRest.values().stream()
                    .mapToLong(Trade::executedAtNanos)
                    .min()
                    .orElse(Long.MAX_VALUE);
            long to = byRest.values().stream()
                    .mapToLong(Trade::executedAtNanos)
                    .max()
                    .orElse(Long.MIN_VALUE);
            for (Trade trade : seen.trades(instrument)) {
                Trade there = byRest.get(trade.id());
                if (there != null) {
                    compared++;
                    if (!isSame(trade, there)) {
                        differences.add(described(trade) + " against " + described(there));
                    }
                } else if (trade.executedAtNanos() > from && trade.executedAtNanos() < to) {
                    differences.add(described(trade) + " is not there by REST");
                }
            }
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
        proofs.put(
                Proof.SAME_BY_REST,
                !differences.isEmpty()
                        ? Verdict.changed(
                                "",
                                count(differences.size()) + " of " + count(compared) + " differ, the first: "
                                        + differences.getFirst(),
                                "a refill would store such trades twice")
                        : compared > 0
                                ? Verdict.holds("", count(compared) + " compared")
                                : Verdict.unseen("", trouble.isEmpty() ? "no trade was in both" : trouble));
    }

    private static boolean isSame(Trade one, Trade other) {
        return one.executedAtNanos() == other.executedAtNanos()
                && one.price().compareTo(other.price()) == 0
                && one.size().compareTo(other.size()) == 0
                && one.takerSide() == other.takerSide();
    }

    private static String described(Trade trade) {
        return trade.instrument().symbol() + " " + trade.id() + " " + trade.takerSide() + " "
                + trade.size().toPlainString() + " at " + trade.price().toPlainString() + ", "
                + trade.executedAt();
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
