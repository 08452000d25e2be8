package io.metdc.completeness;

import static io.metdc.completeness.Samples.PEPE;
import static io.metdc.completeness.Samples.SOL;
import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.connectors.Evidence;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentFilterTest {
    private static Trade trade(TradeId id) {
        return Samples.trade(PEPE, id, Trade.NO_SEQUENCE, 1_800_000_000_000_000_000L);
    }

    private static void see(RecentFilter filter, String... ids) {
        for (String id : ids) {
            filter.seen(trade(TradeId.of(id)), 0);
        }
    }

    private static Verdict check(RecentFilter filter, String id) {
        return filter.check(trade(TradeId.of(id)));
    }

    @Test
    void where_ids_rise_a_higher_one_is_new_and_a_lower_one_unsure_once_any_was_forgotten() {
        RecentFilter filter = new RecentFilter(true, 16);
        for (int id = 100; id < 200; id++) {
            filter.seen(Samples.trade(SOL, id), 0);
        }
        assertThat(check(filter, "200")).isEqualTo(Verdict.NEW);
        assertThat(check(filter, "199")).isEqualTo(Verdict.DUPLICATE);
        assertThat(check(filter, "184")).isEqualTo(Verdict.DUPLICATE);
        assertThat(check(filter, "183")).isEqualTo(Verdict.UNSURE);
    }

    @Test
    void where_ids_rise_those_of_19_digits_are_numbers_too() {
        RecentFilter filter = new RecentFilter(true, 16);
        for (int i = 0; i < 20; i++) {
            see(filter, "22900000000685512" + (10 + i));
        }
        assertThat(check(filter, "2290000000068551230")).isEqualTo(Verdict.NEW);
        assertThat(check(filter, "2290000000068551229")).isEqualTo(Verdict.DUPLICATE);
        assertThat(check(filter, "2290000000068551201")).isEqualTo(Verdict.UNSURE);
        assertThat(check(filter, "9999999999999999999")).isEqualTo(Verdict.UNSURE); // no long
    }

    @Test
    void ids_that_look_alike_are_not_the_same() {
        RecentFilter filter = new RecentFilter(false, 16);
        see(filter, "7", "00000000-0000-0000-0000-000000000008", "f3a1c1de-6a3b-5d43-a3f7-92d9f0a3b1c2");
        assertThat(check(filter, "7")).isEqualTo(Verdict.DUPLICATE);
        assertThat(check(filter, "007")).isEqualTo(Verdict.NEW);
        assertThat(check(filter, "00000000-0000-0000-0000-000000000007")).isEqualTo(Verdict.NEW);
        assertThat(check(filter, "8")).isEqualTo(Verdict.NEW);
        assertThat(check(filter, "F3A1C1DE-6A3B-5D43-A3F7-92D9F0A3B1C2")).isEqualTo(Verdict.NEW);
        assertThat(check(filter, "f3a1c1de-6a3b-5d43-a3f7-92d9f0a3b1c2")).isEqualTo(Verdict.DUPLICATE);
        see(filter, "Aa"); // the same hash as BB
        assertThat(check(filter, "BB")).isEqualTo(Verdict.NEW);
        assertThat(check(filter, Integer.toString("Aa".hashCode()))).isEqualTo(Verdict.NEW);
    }

    /// Against a set that remembers everything.
    @ParameterizedTest
    @ValueSource(strings = {"rising", "shuffled", "uuid", "text", "mixed"})
    void it_agrees_with_a_set_that_forgets_nothing(String kind) throws Exception {
        Random random = new Random(kind.hashCode());
        int bound = 256;
        IntFunction<TradeId> made = switch (kind) {
            case "rising" -> n -> TradeId.of(5_000_000_000L + n * 3L);
            case "shuffled" -> n -> TradeId.of((n * 0x9e37_79b9L) % 100_000_007L);
            case "uuid" -> n -> TradeId.of(new UUID(mixed(n), mixed(~n)).toString());
            case "text" -> n -> TradeId.of("1800000000" + n + "-b-0." + n % 17 + "-" + n % 3);
            default ->
                n -> n % 3 == 0
                        ? TradeId.of(n)
                        : n % 3 == 1 ? TradeId.of(new UUID(mixed(n), n).toString()) : TradeId.of("t" + n);
        };
        RecentFilter filter = new RecentFilter(kind.equals("rising"), bound);
        Set<TradeId> seen = new HashSet<>();
        List<TradeId> order = new ArrayList<>();
        int next = 1;
        int duplicates = 0;
        for (int i = 0; i < 200_000; i++) {
            TradeId id;
            int what = random.nextInt(100);
            if (what < 60) {
                id = made.apply(next++);
            } else if (what < 97 || order.isEmpty()) {
                id = made.apply(Math.max(0, next - random.nextInt(300)));
            } else {
                id = made.apply(random.nextInt(next));
            }
            switch (filter.check(trade(id))) {
                case NEW, LATE -> assertThat(seen.contains(id)).isFalse();
                case DUPLICATE -> {
                    assertThat(seen.contains(id)).isTrue();
                    duplicates++;
                    continue;
                }
                case UNSURE ->
                    assertThat(order.subList(Math.max(0, order.size() - bound), order.size()))
                            .doesNotContain(id);
            }
            if (random.nextInt(50) != 0) { // else its append failed
                filter.seen(trade(id), 0);
                seen.add(id);
                order.add(id);
            }
            if (i % 10_000 == 0) {
                filter = copy(filter, kind.equals("rising"), bound);
            }
        }
        assertThat(duplicates).isGreaterThan(20_000);
    }

    private static long mixed(long n) {
        return n * 0x9e37_79b9_7f4a_7c15L;
    }

    private static RecentFilter copy(RecentFilter from, boolean idsRise, int bound) throws IOException {
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        from.save(new DataOutputStream(saved));
        RecentFilter copy = new RecentFilter(idsRise, bound);
        copy.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
        return copy;
    }

    @Test
    void a_smaller_bound_after_a_restart_keeps_the_newest() throws Exception {
        RecentFilter filter = new RecentFilter(false, 64);
        for (int id = 1; id <= 64; id++) {
            see(filter, Integer.toString(id));
        }
        RecentFilter back = copy(filter, false, 16);
        assertThat(check(back, "64")).isEqualTo(Verdict.DUPLICATE);
        assertThat(check(back, "49")).isEqualTo(Verdict.DUPLICATE);
        assertThat(check(back, "48")).isEqualTo(Verdict.UNSURE);
    }

    /// One that is just too small for what comes again would forget each id right before it is looked for.
    @Test
    void a_past_of_a_thousand_trades_that_comes_while_new_ones_do_is_known_to_the_last() {
        RepeatFilter filter = RepeatFilter.of(
                new Evidence.ByUnbrokenConnection(false, 1_000),
                IntakeSettings.defaults().recentIds());
        for (int i = 0; i < 5_000; i++) {
            filter.seen(trade(past(i)), 0);
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(filter.check(trade(past(4_000 + i)))).isEqualTo(Verdict.DUPLICATE);
            filter.seen(trade(past(5_000 + i)), 0);
        }
    }

    private static TradeId past(int number) {
        return TradeId.of("17950123461000" + (10_000 + number) + "-b-2.1045-100-0");
    }
}
