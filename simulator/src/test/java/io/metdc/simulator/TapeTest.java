package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TapeTest {
    private static final long START = 1_790_000_000L * Nanos.PER_SECOND;

    private static List<Listing> listings(MarketType type, int instruments) {
        return new Binance(
                        type,
                        SimulatorOptions.builder().instruments(instruments).build(),
                        Simulated.quotas())
                .listings();
    }

    private static Tape tape(MarketType type, int instruments, long seed, double rate, int seconds, int history) {
        Tape tape = new Tape(listings(type, instruments), seed, type == MarketType.FUTURES, rate, START, history);
        tape.advance(START + seconds * Nanos.PER_SECOND, batch -> {});
        return tape;
    }

    private static String content(Feed feed, long index) {
        Chunk chunk = feed.chunk(index);
        int at = Feed.at(index);
        return chunk.kind(at) + " " + feed.listing.prices().text(chunk.price(at)) + " "
                + feed.listing.sizes().text(chunk.size(at)) + " " + chunk.isSell(at);
    }

    private static List<String> contents(Feed feed, long count) {
        List<String> contents = new ArrayList<>();
        for (long index = 0; index < count; index++) {
            contents.add(content(feed, index));
        }
        return contents;
    }

    @Test
    void the_same_seed_gives_the_same_prints_at_any_rate() {
        Tape slow = tape(MarketType.FUTURES, 12, 42, 2_000, 10, 1_000_000);
        Tape fast = tape(MarketType.FUTURES, 12, 42, 9_000, 10, 1_000_000);
        for (int i = 0; i < 12; i++) {
            long count = slow.feeds().get(i).count();
            assertThat(count).isLessThan(fast.feeds().get(i).count()).isPositive();
            assertThat(contents(slow.feeds().get(i), count))
                    .isEqualTo(contents(fast.feeds().get(i), count));
        }
    }

    @Test
    void the_same_seed_and_rate_give_the_same_times_after_the_start_however_the_tape_is_advanced() {
        Tape atOnce = tape(MarketType.SPOT, 8, 5, 3_000, 4, 1_000_000);
        Tape inSteps = new Tape(listings(MarketType.SPOT, 8), 5, false, 3_000, START + 77, 1_000_000);
        for (long now = 0; now <= 4 * Nanos.PER_SECOND; now += 5 * Nanos.PER_MILLI) {
            inSteps.advance(START + 77 + now, batch -> {});
        }
        for (int i = 0; i < 8; i++) {
            Feed feed = atOnce.feeds().get(i);
            assertThat(inSteps.feeds().get(i).count()).isEqualTo(feed.count());
            for (long index = 0; index < feed.count(); index++) {
                assertThat(inSteps.feeds().get(i).chunk(index).timeNanos(Feed.at(index)) - 77)
                        .isEqualTo(feed.chunk(index).timeNanos(Feed.at(index)));
            }
        }
    }

    @Test
    void another_seed_gives_other_prints() {
        Feed one = tape(MarketType.SPOT, 1, 1, 1_000, 2, 100_000).feeds().getFirst();
        Feed two = tape(MarketType.SPOT, 1, 2, 1_000, 2, 100_000).feeds().getFirst();
        assertThat(contents(one, 100)).isNotEqualTo(contents(two, 100));
    }

    @Test
    void prints_come_in_the_order_of_their_times_at_the_set_rate_the_popular_first() {
        Tape tape = new Tape(listings(MarketType.SPOT, 40), 3, false, 10_000, START, 2_000_000);
        long[] last = {0};
        long[] prints = {0};
        tape.advance(START + 60 * Nanos.PER_SECOND, batch -> {
            for (int i = 0; i < batch.size(); i++) {
                Chunk chunk = tape.feeds().get(batch.listing(i)).chunk(batch.index(i));
                long time = chunk.timeNanos(Feed.at(batch.index(i)));
                assertThat(time).isGreaterThanOrEqualTo(last[0]);
                last[0] = time;
                prints[0]++;
            }
        });
        assertThat((double) prints[0]).isCloseTo(600_000, within(30_000.0));
        assertThat(tape.feeds().getFirst().count())
                .isGreaterThan(10 * tape.feeds().get(39).count());
        assertThat(tape.feeds()).allSatisfy(feed -> assertThat(feed.count()).isPositive());
    }

    @Test
    void trades_come_in_bursts_and_several_share_one_microsecond() {
        Feed feed = tape(MarketType.SPOT, 1, 9, 2_000, 20, 1_000_000).feeds().getFirst();
        Map<Long, Integer> byMicro = new HashMap<>();
        Map<Long, Integer> byTenth = new HashMap<>();
        for (long index = 0; index < feed.count(); index++) {
            long time = feed.chunk(index).timeNanos(Feed.at(index));
            byMicro.merge(time / Nanos.PER_MICRO, 1, Integer::sum);
            byTenth.merge(time / (100 * Nanos.PER_MILLI), 1, Integer::sum);
        }
        assertThat(byMicro.values()).contains(1, 2, 3, 21);
        // 200 a tenth of a second on average; independent trades would hardly ever reach 400
        assertThat(byTenth.values()).anyMatch(count -> count > 500);
    }

    @Test
    void prices_stay_near_where_they_opened_and_sizes_spread_over_decades() {
        Feed feed = tape(MarketType.SPOT, 1, 8, 5_000, 20, 1_000_000).feeds().getFirst();
        long smallest = Long.MAX_VALUE;
        long largest = 0;
        Set<Integer> prices = new HashSet<>();
        for (long index = 0; index < feed.count(); index++) {
            Chunk chunk = feed.chunk(index);
            int at = Feed.at(index);
            assertThat(chunk.price(at)).isBetween(feed.listing.opening() / 3, feed.listing.opening() * 3);
            prices.add(chunk.price(at));
            smallest = Math.min(smallest, chunk.size(at));
            largest = Math.max(largest, chunk.size(at));
        }
        assertThat(largest).isGreaterThan(100 * smallest);
        assertThat(prices).hasSizeGreaterThan(1_000);
    }

    @Test
    void some_prices_have_twelve_decimals_and_some_sizes_twenty_digits() {
        for (MarketType type : MarketType.values()) {
            Tape tape = tape(type, 10, 1, 1_000, 2, 100_000);
            Feed tiny = tape.feeds().get(4);
            Feed huge = tape.feeds().get(7);
            assertThat(contents(tiny, tiny.count())).anyMatch(print -> print.matches("MARKET 0\\.0{8}\\d{4} .*"));
            for (long index = 0; index < huge.count(); index++) {
                Chunk chunk = huge.chunk(index);
                if (chunk.kind(Feed.at(index)).isPublic()) {
                    assertThat(huge.listing
                                    .sizes()
                                    .decimal(chunk.size(Feed.at(index)))
                                    .precision())
                            .isEqualTo(20);
                }
            }
        }
    }

    @Test
    void futures_use_some_numbers_up_for_what_is_no_public_trade() {
        Feed feed = tape(MarketType.FUTURES, 1, 4, 5_000, 20, 1_000_000).feeds().getFirst();
        Map<PrintKind, Integer> kinds = new HashMap<>();
        long publicSoFar = 0;
        for (long index = 0; index < feed.count(); index++) {
            Chunk chunk = feed.chunk(index);
            PrintKind kind = chunk.kind(Feed.at(index));
            kinds.merge(kind, 1, Integer::sum);
            if (kind.isPublic()) {
                publicSoFar++;
                assertThat(chunk.publicUpTo(Feed.at(index))).isEqualTo(publicSoFar);
            } else if (kind == PrintKind.NA) {
                assertThat(content(feed, index)).startsWith("NA 0.00 0.000");
            }
        }
        assertThat(kinds.keySet()).isEqualTo(EnumSet.complementOf(EnumSet.of(PrintKind.UNUSED)));
        Feed spot = tape(MarketType.SPOT, 1, 4, 5_000, 5, 1_000_000).feeds().getFirst();
        assertThat(contents(spot, spot.count())).allMatch(print -> print.startsWith("MARKET"));
    }

    @Test
    void an_instrument_that_hardly_trades_goes_on_when_all_others_are_forgotten() {
        Tape tape = tape(MarketType.SPOT, 12, 6, 20_000, 20, 1);
        assertThat(tape.feeds())
                .allSatisfy(feed -> assertThat(feed.chunk(feed.count() - 1)).isNotNull());
    }

    @Test
    void the_oldest_prints_are_forgotten_once_there_are_too_many() {
        Tape tape = tape(MarketType.SPOT, 4, 6, 20_000, 10, 50_000);
        long remembered = 0;
        for (Feed feed : tape.feeds()) {
            remembered += feed.count() - feed.oldest();
            assertThat(feed.chunk(feed.count() - 1)).isNotNull();
            assertThat(feed.chunk(feed.count())).isNull();
            assertThat(feed.oldest() == 0 || feed.chunk(feed.oldest() - 1) == null)
                    .isTrue();
        }
        assertThat(remembered).isBetween(50_000L, 50_000L + 6 * Chunk.SIZE);
        assertThat(tape.feeds().getFirst().oldest()).isPositive();
    }
}
