package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.metdc.connectors.Stage.Link;
import io.metdc.connectors.Stage.Print;
import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import io.metdc.simulator.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.opentest4j.TestAbortedException;

/// What every connector has to do, in numbered cases on its simulated exchange. A new connector is held to all of them
/// by its line in [Connectors].
class ConnectorKitTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Tuned AS_IT_IS = new Tuned(null, null, null);
    private static final Tuned IMPATIENT = new Tuned(Duration.ofSeconds(1), null, null);
    private static final Tuned SOON_DEAD = new Tuned(null, Duration.ofMillis(600), Duration.ofSeconds(2));

    private record Case(int number, String says, Tuned tuned, Check check) {}

    private interface Check {
        void on(Stage stage) throws Exception;
    }

    private final List<Case> cases = new ArrayList<>();

    private void add(String says, Check check) {
        add(says, AS_IT_IS, check);
    }

    private void add(String says, Tuned tuned, Check check) {
        cases.add(new Case(cases.size() + 1, says, tuned, check));
    }

    ConnectorKitTest() {
        lists();
        past();
        subscriptions();
        trades();
        rubbish();
        ends();
        refusals();
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    Stream<DynamicNode> a_connector_does_what_every_connector_has_to() {
        return Connectors.all().stream()
                .map(connector -> dynamicContainer(
                        connector.market().toString(), cases.stream().map(one -> test(connector, one))));
    }

    private static DynamicNode test(Connector connector, Case one) {
        return dynamicTest(
                one.number + " " + one.says,
                () -> assertTimeoutPreemptively(LIMIT, () -> {
                    try (Stage stage = new Stage(one.tuned.of(connector))) {
                        one.check.on(stage);
                    }
                }));
    }

    // ---- the list of instruments

    private void lists() {
        add("what trades is listed once, and nothing else", stage -> {
            assertThat(stage.rest().instruments().stream()
                            .filter(listing -> listing.instrument() != null)
                            .map(InstrumentPage.Listing::symbol))
                    .containsExactlyInAnyOrderElementsOf(stage.symbols().toList());
        });
        add("what is not collected is left out with a reason", stage -> {
            List<InstrumentPage.Listing> left = stage.rest().instruments().stream()
                    .filter(listing -> listing.instrument() == null)
                    .toList();
            assertThat(left)
                    .isNotEmpty()
                    .allSatisfy(listing -> assertThat(listing.dropped()).isNotEmpty());
        });
        add("an instrument has base, quote and contract size", stage -> {
            String quote = stage.connector.market().exchange() == Exchange.UPBIT ? "KRW" : "USDT";
            assertThat(stage.instruments()).allSatisfy(instrument -> {
                assertThat(instrument.base()).isNotEmpty();
                assertThat(instrument.quote()).isEqualTo(quote);
                assertThat(instrument.contractSize()).isPositive();
            });
        });
        add("all pages of a long list are read", stage -> {
            stage.options(builder -> builder.instruments(700).rate(10));
            assertThat(stage.instruments()).hasSize(700);
        });
        add("no instrument comes out of an empty list", stage -> {
            stage.inject(Fault.REST_EMPTY);
            assertThat(collected(stage)).isEmpty();
        });
        add("a delisted instrument is gone from the list", stage -> {
            Instrument victim = stage.victim();
            stage.inject(Fault.DELISTED);
            assertThat(stage.rest().instruments())
                    .isNotEmpty()
                    .noneMatch(listing -> victim.equals(listing.instrument()));
        });
        add("429 with Retry-After is a ban for so long", stage -> {
            stage.inject(Fault.REST_429);
            assertThat(failure(stage.rest()::instruments)).isInstanceOf(Failure.Ban.class);
        });
        add("429 without Retry-After is a ban all the same", stage -> {
            stage.inject(Fault.REST_429);
            stage.inject(Fault.NO_RETRY_AFTER);
            assertThat(failure(stage.rest()::instruments)).isInstanceOf(Failure.Ban.class);
        });
        add("418 is a ban", stage -> {
            stage.inject(Fault.REST_418);
            assertThat(failure(stage.rest()::instruments)).isInstanceOf(Failure.Ban.class);
        });
        for (Fault fault : List.of(Fault.REST_403, Fault.REST_451)) {
            add(fault + ", a country that is not served, is said to be one", stage -> {
                stage.inject(fault);
                assertThat(failure(stage.rest()::instruments)).isInstanceOfSatisfying(Failure.Fatal.class, fatal -> {
                    assertThat(fatal.isBlock()).isTrue();
                    assertThat(fatal.what()).contains("network.proxy");
                });
            });
        }
        add("503 passes", stage -> {
            stage.inject(Fault.REST_503);
            assertThat(failure(stage.rest()::instruments)).isInstanceOf(Failure.Recoverable.class);
            stage.clear(Fault.REST_503);
            assertThat(stage.instruments()).isNotEmpty();
        });
    }

    /// How long a refused handshake keeps away where it does not say.
    private static Duration usual(Connector connector, String status) {
        Code row = connector.codes().find(Code.Where.HANDSHAKE, status);
        row = row == null ? Codes.COMMON.find(Code.Where.HANDSHAKE, status) : row;
        return ((Failure.Ban) Codes.failure("", row.reaction())).pause();
    }

    /// What is collected of the list; nothing when it cannot be had.
    private static List<Instrument> collected(Stage stage) throws Exception {
        try {
            return stage.rest().instruments().stream()
                    .map(InstrumentPage.Listing::instrument)
                    .filter(Objects::nonNull)
                    .toList();
        } catch (FeedException e) {
            return List.of();
        }
    }

    private static Failure failure(ThrowingCallable asked) {
        return catchThrowableOfType(FeedException.class, asked).failure();
    }

    // ---- trades of the past

    private void past() {
        add("the newest trades by REST are those of the stream, in ids, time, price, size and side", stage -> {
            Link link = stage.live();
            Instrument first = stage.instruments().getFirst();
            stage.settle(link);
            List<Row> rows = stage.rest().trades(Stretch.newest(first), Origin.REFILL, 1);
            Set<Print> byRest = prints(rows);
            Set<Print> byStream = link.trades(first).stream().map(Print::of).collect(Collectors.toSet());
            byStream.retainAll(byRest);
            assertThat(byStream).isNotEmpty();
            Instant begin = byStream.stream()
                    .map(Print::executedAt)
                    .min(Instant::compareTo)
                    .orElseThrow();
            Set<Print> wrong = new HashSet<>(byRest);
            wrong.removeIf(
                    print -> !print.executedAt().isAfter(begin)); // what came as the past may begin within a moment
            wrong.removeAll(stage.sent());
            assertThat(wrong).as("by REST alone").isEmpty();
        });
        add("a hole in the stream is filled by REST", stage -> {
            Link link = stage.live();
            Instrument first = stage.instruments().getFirst();
            // The hole comes behind what waits to be sent now: with nothing waiting it is among the next few.
            await().atMost(Stage.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> link.isUpToDate(first, Duration.ofMillis(50)));
            Trade last = link.trades(first).getLast();
            stage.inject(Fault.HOLE);
            int there = link.trades(first).size();
            await().atMost(Stage.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> link.trades(first).size() >= there + 20);
            Trade behind = link.trades(first).getLast();
            List<Row> rows = stage.rest()
                    .trades(
                            new Stretch(first, number(last), number(behind), last.executedAt(), behind.executedAt()),
                            Origin.REFILL,
                            20);
            Set<Print> missed = prints(rows);
            missed.removeIf(print -> print.executedAtNanos() <= last.executedAtNanos()
                    || print.executedAtNanos() >= behind.executedAtNanos());
            link.trades(first).forEach(trade -> missed.remove(Print.of(trade)));
            assertThat(missed).hasSizeBetween(1, Fault.HOLE_LENGTH);
        });
        add("older trades are reached page by page, none left out", stage -> {
            Link link = stage.live();
            Instrument first = stage.instruments().getFirst();
            await().atMost(Stage.PATIENCE).until(() -> link.trades(first).size() > 150);
            stage.settle(link);
            List<Trade> there = link.trades(first);
            long reach = Math.min(110, stage.connector.reach().rows() - 10);
            Trade from = there.get(there.size() - (int) reach);
            Trade to = there.getLast();
            List<Row> rows = stage.rest()
                    .trades(
                            new Stretch(first, number(from), number(to), from.executedAt(), to.executedAt()),
                            Origin.REFILL,
                            20);
            Set<Print> byRest = prints(rows);
            Set<Print> between = there.stream()
                    .filter(trade -> trade.executedAtNanos() > from.executedAtNanos()
                            && trade.executedAtNanos() < to.executedAtNanos())
                    .map(Print::of)
                    .collect(Collectors.toSet());
            assertThat(byRest).containsAll(between);
        });
        add("trades of an instrument that is not known are no trades", stage -> {
            Instrument unknown = stage.unknown();
            List<Row> rows;
            try {
                rows = stage.rest().trades(Stretch.newest(unknown), Origin.REFILL, 1);
            } catch (FeedException e) {
                rows = List.of();
            }
            assertThat(prints(rows)).isEmpty();
        });
    }

    private static long sequence(Row row) {
        return switch (row) {
            case Trade trade -> trade.sequence();
            case Consumed consumed -> consumed.sequence();
            case Rejected rejected -> rejected.sequence();
        };
    }

    private static long number(Trade trade) {
        return trade.sequence() != Trade.NO_SEQUENCE
                ? trade.sequence()
                : trade.id().isNumber() ? trade.id().number() : Stretch.UNKNOWN;
    }

    private static Set<Print> prints(List<Row> rows) {
        return rows.stream()
                .filter(Trade.class::isInstance)
                .map(row -> Print.of((Trade) row))
                .collect(Collectors.toCollection(HashSet::new));
    }

    // ---- subscriptions

    private void subscriptions() {
        add("every instrument is acknowledged, and delivers", stage -> {
            Link link = stage.open();
            Subscribed answer = link.subscribe(stage.instruments());
            assertThat(answer.accepted()).containsExactlyInAnyOrderElementsOf(stage.instruments());
            assertThat(answer.refused()).isEmpty();
            for (Instrument instrument : stage.instruments()) {
                link.awaitMore(instrument);
            }
        });
        add("many instruments are subscribed in several frames, within the pace", stage -> {
            stage.options(builder -> builder.instruments(45));
            Link link = stage.open();
            Subscribed answer = link.subscribe(stage.instruments());
            assertThat(answer.accepted()).hasSize(45 - answer.homeless().size());
            assertThat(answer.refused()).isEmpty();
            link.awaitMore(50);
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
        add("an unknown symbol costs the others nothing", stage -> {
            Instrument unknown = stage.unknown();
            Link link = stage.open(List.of(unknown));
            List<Instrument> asked = new ArrayList<>(stage.instruments());
            asked.add(2, unknown);
            Subscribed answer = link.subscribe(asked);
            assertThat(answer.accepted()).containsAll(stage.instruments());
            for (Instrument instrument : stage.instruments()) {
                link.awaitMore(instrument);
            }
            assertThat(link.trades(unknown)).isEmpty();
        });
        add("a refused symbol in a batch is dropped, and the rest delivers", stage -> {
            Instrument victim = stage.victim();
            stage.inject(Fault.REFUSED_SYMBOL);
            Link link = stage.open();
            Subscribed answer = link.subscribe(stage.instruments());
            assertThat(answer.accepted()).containsAll(stage.others());
            for (Instrument instrument : stage.others()) {
                link.awaitMore(instrument);
            }
            assertThat(link.trades(victim)).isEmpty();
        });
        add("a later subscription leaves the earlier ones alone", stage -> {
            Link link = stage.open();
            link.subscribe(stage.instruments().subList(0, 3));
            link.awaitMore(20);
            link.subscribe(stage.instruments().subList(3, 6));
            for (Instrument instrument : stage.instruments()) {
                link.awaitMore(instrument);
            }
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
        add("what is unsubscribed ends, and the rest goes on", stage -> {
            Link link = stage.live();
            if (link.session()
                            .connector()
                            .unsubscribe(1, List.of(stage.victim()), Instant.EPOCH)
                            .isEmpty()
                    && !stage.connector.replaces()) {
                throw new TestAbortedException("the exchange cannot end single subscriptions");
            }
            link.session().unsubscribe(List.of(stage.victim()));
            link.awaitMore(30); // the answer may overtake what was under way
            int there = link.trades(stage.victim()).size();
            link.awaitMore(100);
            assertThat(link.trades(stage.victim())).hasSize(there);
            link.awaitMore(stage.others().getLast());
        });
        add("an instrument that went mute comes back when it is subscribed anew", stage -> {
            Link link = stage.live();
            stage.inject(Fault.MUTE_SYMBOL);
            link.awaitMore(30);
            int there = link.trades(stage.victim()).size();
            link.awaitMore(100);
            assertThat(link.trades(stage.victim())).hasSize(there);
            link.session().refresh(stage.victim());
            await().atMost(Stage.PATIENCE)
                    .until(() -> link.trades(stage.victim()).stream()
                                    .filter(trade -> trade.origin() == Origin.STREAM)
                                    .count()
                            > there);
        });
        add("what is not answered fails", IMPATIENT, stage -> {
            Link link = stage.open();
            stage.inject(Fault.NO_ACKNOWLEDGEMENT);
            assertThat(failure(() -> link.subscribe(stage.instruments()))).isInstanceOf(Failure.Recoverable.class);
        });
        add("a connection that is cut while it subscribes fails", stage -> {
            Link link = stage.open();
            stage.inject(Fault.NO_ACKNOWLEDGEMENT);
            Thread cutter = Thread.ofVirtual().start(() -> cut(stage));
            assertThat(failure(() -> link.subscribe(stage.instruments()))).isInstanceOf(Failure.Recoverable.class);
            cutter.join();
        });
        add("on two connections the same trade has the same id", stage -> {
            Link one = stage.live();
            Link other = stage.live();
            one.awaitMore(100);
            stage.settle(one);
            stage.isExactlyWhatWasSent(one, other);
            assertThat(prints(one.rows())).containsAnyElementsOf(prints(other.rows()));
        });
        add("over a reconnect the same trade has the same id", stage -> {
            Link one = stage.live();
            one.session().close();
            Link other = stage.live();
            other.awaitMore(50);
            stage.settle(other);
            stage.isNothingButWhatWasSent(one, other);
        });
    }

    private static void cut(Stage stage) {
        try {
            stage.inject(Fault.CUT);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- trades

    private void trades() {
        add("every trade comes once, unchanged", stage -> {
            Link link = stage.live();
            link.awaitMore(300);
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
            List<Print> all = link.trades().stream().map(Print::of).toList();
            assertThat(all).doesNotHaveDuplicates();
        });
        add("wss brings the same", stage -> {
            stage.options(builder -> builder.tls(true));
            Link link = stage.live();
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
        add("the trades of an instrument keep their order", stage -> {
            Link link = stage.live();
            link.awaitMore(300);
            for (Instrument instrument : stage.instruments()) {
                assertThat(link.trades(instrument).stream()
                                .filter(trade -> trade.origin() == Origin.STREAM)
                                .map(Trade::executedAtNanos))
                        .isSorted();
            }
        });
        add("where ids are the evidence, no number is left out", stage -> {
            if (!(stage.connector.evidence() instanceof Evidence.ByIds)) {
                throw new TestAbortedException("ids prove nothing here");
            }
            Link link = stage.live();
            link.awaitMore(300);
            Instrument first = stage.instruments().getFirst();
            List<Long> numbers = link.rows().stream()
                    .filter(row -> row.instrument().equals(first))
                    .map(ConnectorKitTest::sequence)
                    .sorted()
                    .toList();
            assertThat(numbers.getLast() - numbers.getFirst()).isEqualTo(numbers.size() - 1);
        });
        add("a trade that is sent twice has one id", stage -> {
            Link link = stage.live();
            stage.inject(Fault.DUPLICATE);
            link.awaitMore(200);
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
        add("trades out of order are all read", stage -> {
            Link link = stage.live();
            stage.inject(Fault.REORDER);
            link.awaitMore(200);
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
        add("frames that come late and in pieces are all read", stage -> {
            stage.options(builder -> builder.rate(60));
            Link link = stage.live();
            stage.inject(Fault.SLOW);
            link.awaitMore(60);
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
        add("times in another unit are never stored as they are", stage -> {
            Link link = stage.live();
            stage.inject(Fault.WRONG_UNIT);
            await().atMost(Stage.PATIENCE)
                    .until(() ->
                            link.rejected(RejectReason.TIME_UNIT) + link.rejected(RejectReason.IMPLAUSIBLE_TIME) > 5
                                    || !link.session().connector().equals(stage.connector));
            Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
            assertThat(link.trades())
                    .allSatisfy(trade -> assertThat(trade.executedAt()).isAfter(hourAgo));
        });
        add("one trade with an impossible time is rejected, and it alone", stage -> {
            Link link = stage.live();
            long before = link.rejected();
            stage.inject(Fault.IMPLAUSIBLE_ROW);
            await().atMost(Stage.PATIENCE).until(() -> link.rejected() > before);
            link.awaitMore(100);
            assertThat(link.rejected()).isEqualTo(before + 1);
        });
        add("objects and arrays of rows are read alike", stage -> {
            Link link = stage.live();
            stage.inject(Fault.OBJECT_ARRAY_SWAP);
            link.awaitMore(200);
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
        add("a delisted instrument ends, and the others go on", stage -> {
            Link link = stage.live();
            stage.inject(Fault.DELISTED);
            link.awaitMore(50);
            int there = link.trades(stage.victim()).size();
            link.awaitMore(150);
            assertThat(link.trades(stage.victim())).hasSize(there);
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
        add("the past that comes on subscribing is marked, or has the ids of the stream", stage -> {
            stage.options(builder -> builder.past(Duration.ofSeconds(20)));
            Link link = stage.live();
            long begun = Nanos.of(Instant.now().minusSeconds(15));
            assertThat(link.trades())
                    .filteredOn(trade -> trade.executedAtNanos() < begun)
                    .allSatisfy(trade -> assertThat(trade.origin()).isEqualTo(Origin.SNAPSHOT));
            stage.settle(link);
            stage.isExactlyWhatWasSent(link);
        });
    }

    // ---- frames nobody can read

    private void rubbish() {
        for (Fault fault : List.of(
                Fault.TRUNCATED_FRAME,
                Fault.BINARY_FRAME,
                Fault.HTML_FRAME,
                Fault.HUGE_FRAME,
                Fault.NESTED_FRAME,
                Fault.FLOOD)) {
            add("a frame of the kind " + fault + " costs no trade", stage -> {
                Link link = stage.live();
                Counts before = link.session().counts();
                stage.inject(fault);
                await().atMost(Stage.PATIENCE).until(() -> seen(link.session().counts()) > seen(before));
                link.awaitMore(50);
                stage.settle(link);
                stage.isExactlyWhatWasSent(link);
            });
        }
    }

    private static long seen(Counts counts) {
        return counts.ignored()
                + counts.unreadable().values().stream()
                        .mapToLong(Counts.Unreadable::count)
                        .sum();
    }

    // ---- ends

    private void ends() {
        for (Fault fault : List.of(Fault.CUT, Fault.CLOSE, Fault.CLOSE_1008, Fault.CLOSE_1011, Fault.CLOSE_1012)) {
            add("a connection that ends by " + fault + " is connected anew", stage -> {
                Link link = stage.live();
                stage.inject(fault);
                assertThat(link.end()).isNotInstanceOf(Failure.Fatal.class);
                Link next = stage.live();
                stage.settle(next);
                stage.isNothingButWhatWasSent(link, next); // what was on the way when it ended may be lost
            });
        }
        add("an announced end comes as such, or as an end", stage -> {
            Link link = stage.live();
            stage.inject(Fault.SHUTDOWN_NOTICE);
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            boolean announced = false;
            Failure end = null;
            while (end == null && System.nanoTime() < deadline) {
                try {
                    announced |= link.session().next(Duration.ofMillis(100)) instanceof Event.Closing;
                } catch (FeedException e) {
                    end = e.failure();
                }
            }
            assertThat(end).isInstanceOf(Failure.Recoverable.class);
            assertThat(announced)
                    .isEqualTo(NOTICES.contains(stage.connector.market().toString()));
        });
        add("a connection that is half open is found dead", SOON_DEAD, stage -> {
            Link link = stage.live();
            stage.inject(Fault.HALF_OPEN);
            assertThat(link.end()).isInstanceOf(Failure.Recoverable.class);
        });
        add("a connection without trades lives on by its heartbeat", SOON_DEAD, stage -> {
            stage.options(builder -> builder.pingEvery(Duration.ofMillis(600))
                    .pongWithin(Duration.ofSeconds(1))
                    .clientSilence(Duration.ofMillis(1_500)));
            Link link = stage.live();
            stage.inject(Fault.MUTE);
            long frames = link.session().counts().frames();
            Instant until = Instant.now().plusMillis(2_500);
            while (Instant.now().isBefore(until)) {
                link.session().next(Duration.ofMillis(100));
            }
            stage.clear(Fault.MUTE);
            link.awaitMore(20);
            assertThat(link.session().counts().frames()).isGreaterThan(frames);
        });
        add("a connection says goodbye, and hands on no row after it", stage -> {
            Link link = stage.live();
            link.session().close();
            int there = link.rows().size();
            await().atMost(Stage.PATIENCE)
                    .until(() -> stage.simulator().report(stage.connector.market()).connections().stream()
                            .allMatch(connection -> connection.closed() != null));
            assertThat(link.rows()).hasSize(there);
        });
    }

    /// Who announces the end of a connection.
    private static final Set<String> NOTICES =
            Set.of("binance-spot", "okx-spot", "okx-futures", "gate-spot", "gate-futures");

    // ---- refusals

    private void refusals() {
        add("an exchange that takes no connections is tried again", stage -> {
            stage.instruments();
            stage.inject(Fault.STOP_ACCEPTING);
            assertThat(failure(stage::open)).isInstanceOf(Failure.Recoverable.class);
            stage.clear(Fault.STOP_ACCEPTING);
            stage.live();
        });
        for (Fault fault : List.of(Fault.HANDSHAKE_429, Fault.HANDSHAKE_418)) {
            add("a handshake refused by " + fault + " is a ban for as long as it says", stage -> {
                stage.instruments();
                stage.inject(fault);
                assertThat(failure(stage::open))
                        .isInstanceOfSatisfying(
                                Failure.Ban.class,
                                ban -> assertThat(ban.pause()).isEqualTo(Fault.RETRY_AFTER));
            });
            add("a handshake refused by " + fault + " without a time is a ban for as long as is usual there", stage -> {
                stage.instruments();
                stage.inject(fault);
                stage.inject(Fault.NO_RETRY_AFTER);
                assertThat(failure(stage::open))
                        .isInstanceOfSatisfying(
                                Failure.Ban.class,
                                ban -> assertThat(ban.pause())
                                        .isEqualTo(
                                                usual(stage.connector, fault == Fault.HANDSHAKE_429 ? "429" : "418")));
            });
        }
        add("a handshake refused by 403 is nothing to try again at once", stage -> {
            stage.instruments();
            stage.inject(Fault.HANDSHAKE_403);
            assertThat(failure(stage::open)).isNotInstanceOf(Failure.Recoverable.class);
        });
        add("a handshake refused by 451 needs a person", stage -> {
            stage.instruments();
            stage.inject(Fault.HANDSHAKE_451);
            assertThat(failure(stage::open)).isInstanceOf(Failure.Fatal.class);
        });
        add("an expired token is replaced by a new one", stage -> {
            if (stage.connector.ticket() == null) {
                throw new TestAbortedException("no token is needed here");
            }
            stage.instruments();
            stage.inject(Fault.EXPIRED_TOKEN);
            assertThat(failure(stage::open)).isInstanceOf(Failure.Recoverable.class);
            stage.clear(Fault.EXPIRED_TOKEN);
            stage.live();
        });
    }
}
