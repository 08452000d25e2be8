package io.metdc.completeness;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.connectors.Evidence;
import io.metdc.connectors.Message;
import io.metdc.connectors.Occurrences;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Trades without ids of their own: numbered by each connection for itself, known again by the filter.
class OccurrencesTest {
    private static final int SNAPSHOT = 1_000;
    private static final Evidence EVIDENCE = new Evidence.ByUnbrokenConnection(false, SNAPSHOT);
    private static final long T = 1_795_012_346_000_000_000L;

    /// Groups of one to three rows that are alike in everything, some of two prices.
    private static final List<Row> TAPE = tape(6_000);

    private RepeatFilter filter = RepeatFilter.of(EVIDENCE, 16);
    private final List<TradeId> stored = new ArrayList<>();

    private static List<Row> tape(int length) {
        var random = new Random(20261121);
        List<Row> tape = new ArrayList<>();
        for (long time = T; tape.size() < length; time += 1 + random.nextInt(100_000)) {
            int price = 1 + random.nextInt(2);
            for (int alike = 1 + random.nextInt(3); alike > 0; alike--) {
                tape.add(row(time, price));
            }
            tape.add(row(time, 1));
        }
        return tape;
    }

    private static Trade row(long time, int price) {
        return new Trade(
                Samples.PEPE,
                TradeId.of(time + "-b-" + price + "-10"),
                BigDecimal.valueOf(price),
                BigDecimal.TEN,
                TakerSide.BUY,
                time,
                T,
                Trade.NO_SEQUENCE,
                Origin.STREAM,
                Set.of());
    }

    /// The ids that the rows from here on have, if they are at a time later than that of this one.
    private static List<TradeId> idsBehind(int first) {
        Map<TradeId, Integer> counts = new HashMap<>();
        List<TradeId> ids = new ArrayList<>();
        for (Row row : TAPE.subList(first, TAPE.size())) {
            Trade trade = (Trade) row;
            if (trade.executedAtNanos() > ((Trade) TAPE.get(first)).executedAtNanos()) {
                ids.add(TradeId.of(trade.id() + "-" + (counts.merge(trade.id(), 1, Integer::sum) - 1)));
            }
        }
        return ids;
    }

    private void snapshot(Occurrences connection, int to) {
        int from = Math.max(0, to - SNAPSHOT);
        take(connection.take(new Message.Unnumbered(Samples.PEPE, TAPE.subList(from, to), true, to)));
    }

    private void stream(Occurrences connection, int from, int to) {
        for (int at = from; at < to; at++) {
            take(connection.take(new Message.Unnumbered(Samples.PEPE, TAPE.subList(at, at + 1), false, at + 1)));
        }
    }

    private void take(List<Row> rows) {
        for (Row row : rows) {
            if (row instanceof Trade trade && filter.check(trade) != Verdict.DUPLICATE) {
                filter.seen(trade, 0);
                stored.add(trade.id());
            }
        }
    }

    @Test
    void two_connections_that_overlap_store_each_trade_once() {
        Occurrences first = Occurrences.ofConnection();
        snapshot(first, SNAPSHOT);
        stream(first, SNAPSHOT, 3_000);
        Occurrences second = Occurrences.ofConnection();
        snapshot(second, 2_990); // it was made a little before it came
        for (int at = 2_990; at < 4_000; at++) {
            stream(second, at, at + 1);
            if (at >= 3_000) {
                stream(first, at, at + 1);
            }
        }
        stream(second, 4_000, TAPE.size());

        assertThat(stored).containsExactlyElementsOf(idsBehind(0));
    }

    /// Each connection is behind by some rows of its own, and when it is cut, what it had not given yet is lost with
    /// it.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void two_connections_that_are_cut_in_turns_store_each_trade_once_and_miss_none(long seed) {
        var random = new Random(seed);
        Occurrences[] connections = {Occurrences.ofConnection(), Occurrences.ofConnection()};
        int[] given = {700 + random.nextInt(300), 700 + random.nextInt(300)};
        snapshot(connections[0], given[0]);
        snapshot(connections[1], given[1]);
        for (int now = SNAPSHOT; now < TAPE.size(); now += random.nextInt(60)) {
            for (int one = 0; one < 2; one++) {
                int to = Math.max(given[one], now - random.nextInt(40));
                stream(connections[one], given[one], to);
                given[one] = to;
            }
            int cut = random.nextInt(2);
            if (random.nextInt(4) == 0 && given[1 - cut] >= given[cut]) {
                connections[cut] = Occurrences.ofConnection();
                given[cut] = now - random.nextInt(40); // the snapshot that it subscribed with
                snapshot(connections[cut], given[cut]);
            }
        }
        for (int one = 0; one < 2; one++) {
            stream(connections[one], given[one], TAPE.size());
        }

        assertThat(stored).containsExactlyInAnyOrderElementsOf(idsBehind(0));
    }

    @Test
    void after_a_restart_the_snapshot_fills_what_was_missed_and_doubles_nothing() throws Exception {
        Occurrences before = Occurrences.ofConnection();
        snapshot(before, SNAPSHOT);
        stream(before, SNAPSHOT, 3_000);

        var saved = new ByteArrayOutputStream();
        filter.save(new DataOutputStream(saved));
        filter = RepeatFilter.of(EVIDENCE, 16);
        filter.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
        Occurrences after = Occurrences.ofConnection();
        snapshot(after, 3_900);
        stream(after, 3_900, TAPE.size());

        assertThat(stored).containsExactlyElementsOf(idsBehind(0));
    }

    @Test
    void a_connection_whose_snapshot_comes_again_stores_each_trade_once() {
        Occurrences connection = Occurrences.ofConnection();
        snapshot(connection, SNAPSHOT);
        for (int at = SNAPSHOT; at < TAPE.size(); at += 100) {
            int to = Math.min(at + 100, TAPE.size());
            stream(connection, at, to);
            snapshot(connection, to);
        }

        assertThat(stored).containsExactlyElementsOf(idsBehind(0));
    }
}
