package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metdc.market.Exchange;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PumpTest {
    private static final long START = 1_790_000_000L * Nanos.PER_SECOND;
    private static final long PUMPED = START + 20 * Nanos.PER_SECOND;
    private static final Pump PUMP = new Pump(PUMPED, 1, 0.2, 4 * Nanos.PER_SECOND, 0.5);
    private static final String COIN = "SKYN";

    private static Tape tape(double rate) {
        SimulatorOptions options =
                SimulatorOptions.builder().instruments(12).listing(COIN).build();
        return new Tape(
                new Binance(MarketType.SPOT, options, Simulated.quotas()).listings(), 3, false, rate, START, 1_000_000);
    }

    private static Feed coin(Tape tape) {
        return tape.feedsOf(COIN).getFirst();
    }

    private static void advance(Tape tape, long seconds) {
        tape.advance(START + seconds * Nanos.PER_SECOND, batch -> {});
    }

    private record Print(long timeNanos, int price, boolean sell, long size) {}

    private static List<Print> prints(Feed feed) {
        List<Print> prints = new ArrayList<>();
        for (long index = 0; index < feed.count(); index++) {
            Chunk chunk = feed.chunk(index);
            int at = Feed.at(index);
            prints.add(new Print(chunk.timeNanos(at), chunk.price(at), chunk.isSell(at), chunk.size(at)));
        }
        return prints;
    }

    private static List<Print> between(Feed feed, double from, double to) {
        return prints(feed).stream()
                .filter(print -> print.timeNanos() >= PUMPED + from * Nanos.PER_SECOND)
                .filter(print -> print.timeNanos() < PUMPED + to * Nanos.PER_SECOND)
                .toList();
    }

    private static double mean(List<Print> prints) {
        return prints.stream().mapToInt(Print::price).average().orElseThrow();
    }

    @Test
    void the_path_is_smooth_from_the_price_before_to_its_peak_and_back_by_a_part() {
        assertThat(PUMP.factor(PUMPED - 1)).isEqualTo(1);
        assertThat(PUMP.factor(PUMPED)).isEqualTo(1);
        assertThat(PUMP.factor(PUMPED + 4 * Nanos.PER_SECOND)).isEqualTo(1.2);
        assertThat(PUMP.factor(PUMPED + 34 * Nanos.PER_SECOND)).isCloseTo(1.15, within(1e-9));
        assertThat(PUMP.factor(PUMPED + 64 * Nanos.PER_SECOND)).isCloseTo(1.1, within(1e-9));
        assertThat(PUMP.factor(PUMPED + 900 * Nanos.PER_SECOND)).isCloseTo(PUMP.remaining(), within(1e-9));
        for (long millis = 0; millis < 70_000; millis += 10) {
            long at = PUMPED + millis * Nanos.PER_MILLI;
            assertThat(Math.abs(PUMP.factor(at + 10 * Nanos.PER_MILLI) - PUMP.factor(at)))
                    .isLessThan(0.002);
        }
        assertThat(PUMP.factor(PUMPED + 175 * Nanos.PER_MILLI)).isGreaterThan(1.02); // a tenth of it within 4 %
    }

    @Test
    void prices_follow_the_path_trades_come_faster_and_takers_buy() {
        Tape tape = tape(2_000);
        coin(tape).pump(PUMP);
        advance(tape, 110);
        Feed feed = coin(tape);

        double before = mean(between(feed, -5, 0));
        assertThat(mean(between(feed, 3.5, 4.5)) / before).isCloseTo(1.2, within(0.02));
        assertThat(mean(between(feed, 70, 80)) / before).isCloseTo(1.1, within(0.02));
        assertThat(between(feed, -0.2, 0))
                .allSatisfy(print -> assertThat(print.price() / before).isCloseTo(1, within(0.01)));
        double usual = between(feed, -20, 0).size() / 20.0;
        assertThat(between(feed, 0, 4).size() / 4.0).isGreaterThan(3 * usual);
        assertThat(between(feed, 64, 90).size() / 26.0).isCloseTo(usual, within(usual / 2));
        List<Print> rise = between(feed, 0, 10);
        assertThat(rise.stream().filter(print -> !print.sell()).count()).isGreaterThan(rise.size() * 2 / 3);
    }

    @Test
    void before_its_pump_a_coin_and_all_others_always_print_what_they_would_have_printed() {
        Tape calm = tape(2_000);
        Tape pumped = tape(2_000);
        coin(pumped).pump(PUMP);
        advance(calm, 40);
        advance(pumped, 40);

        for (int i = 0; i < 12; i++) {
            if (calm.feeds().get(i) != coin(calm)) {
                assertThat(prints(pumped.feeds().get(i)))
                        .isEqualTo(prints(calm.feeds().get(i)));
            }
        }
        assertThat(between(coin(pumped), -20, 0))
                .isEqualTo(between(coin(calm), -20, 0))
                .isNotEmpty();
        assertThat(coin(pumped).count()).isGreaterThan(coin(calm).count() + 200);
    }

    @Test
    void an_order_that_was_due_when_the_pump_began_has_its_price_however_late_the_pump_was_told_of() {
        Tape slow = tape(10); // a print of the coin in seconds
        advance(slow, 19);
        coin(slow).pump(new Pump(START + 19 * Nanos.PER_SECOND, 1, 0.2, 1, 0));
        double before = mean(prints(coin(slow)));
        long count = coin(slow).count();
        advance(slow, 60);

        assertThat(prints(coin(slow)).subList((int) count, (int) coin(slow).count()))
                .isNotEmpty()
                .allSatisfy(print -> assertThat(print.price() / before).isCloseTo(1.2, within(0.01)));
    }

    @Test
    void a_later_instrument_prints_nothing_before_it_is_opened() {
        SimulatorOptions options =
                SimulatorOptions.builder().instruments(12).listing(COIN).build();
        Tape tape = new Tape(
                new Upbit(options, Simulated.quotas()).listings(),
                3,
                false,
                2_000,
                START,
                1_000_000,
                Set.of(COIN),
                Set.of(COIN));
        advance(tape, 10);
        assertThat(coin(tape).count()).isZero();
        assertThat(coin(tape).hasBegun()).isFalse();
        int place = tape.feeds().indexOf(coin(tape));
        tape.open(place, START + 10 * Nanos.PER_SECOND);
        tape.open(place, START + 11 * Nanos.PER_SECOND);
        advance(tape, 20);

        assertThat(prints(coin(tape)).getFirst().timeNanos()).isGreaterThan(START + 10 * Nanos.PER_SECOND);
        assertThat(coin(tape).count()).isGreaterThan(100);
        assertThat(coin(tape).isTrading()).isTrue();
    }

    @Test
    void a_coin_that_is_to_be_listed_is_remembered_whatever_else_is_traded() {
        SimulatorOptions options =
                SimulatorOptions.builder().instruments(12).listing(COIN).build();
        List<Listing> listings = new Binance(MarketType.SPOT, options, Simulated.quotas()).listings();
        Tape tape = new Tape(listings, 3, false, 20_000, START, 20_000, Set.of(COIN), Set.of());
        tape.advance(START + 10 * Nanos.PER_SECOND, batch -> {});
        assertThat(coin(tape).oldest()).isZero();
        assertThat(tape.feeds().getFirst().oldest()).isPositive();
        tape.advance(START + 60 * Nanos.PER_SECOND, batch -> {});
        assertThat(coin(tape).count() - coin(tape).oldest()).isBetween(20_000L, 20_000L + 14 * Chunk.SIZE);
    }

    @Test
    void what_is_planted_depends_on_the_seed_and_is_different_on_every_market() {
        List<Announcement.Plan> plans = Announcement.Plan.of(COIN, 7);
        assertThat(Announcement.Plan.of(COIN, 7)).isEqualTo(plans);
        assertThat(Announcement.Plan.of(COIN, 8)).isNotEqualTo(plans);
        assertThat(Announcement.Plan.of("OTHER", 7)).isNotEqualTo(plans);

        assertThat(plans).hasSize(12);
        assertThat(plans.stream().map(Announcement.Plan::market))
                .doesNotHaveDuplicates()
                .allMatch(market -> market.exchange() != Exchange.UPBIT);
        assertThat(plans.getFirst().delay()).isBetween(Duration.ofMillis(300), Duration.ofMillis(400));
        assertThat(plans.getLast().delay()).isBetween(Duration.ofMillis(2_900), Duration.ofMillis(3_100));
        for (int i = 1; i < plans.size(); i++) {
            assertThat(plans.get(i).delay().minus(plans.get(i - 1).delay())).isGreaterThan(Duration.ofMillis(145));
        }
        assertThat(plans).allSatisfy(plan -> {
            assertThat(plan.move()).isBetween(new BigDecimal("0.080"), new BigDecimal("0.250"));
            assertThat(plan.rise()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
        });
    }

    @Test
    void the_coin_trades_everywhere_under_its_plain_name_and_often_enough() {
        for (long seed = 1; seed <= 3; seed++) {
            SimulatorOptions options =
                    SimulatorOptions.builder().seed(seed).listing(COIN).build();
            Set<String> symbols = new HashSet<>();
            for (Protocol protocol : List.of(
                    new Binance(MarketType.SPOT, options, Simulated.quotas()),
                    new Binance(MarketType.FUTURES, options, Simulated.quotas()),
                    new Bybit(MarketType.SPOT, options, Simulated.quotas()),
                    new Bybit(MarketType.FUTURES, options, Simulated.quotas()),
                    new Okx(MarketType.SPOT, options, Simulated.quotas()),
                    new Okx(MarketType.FUTURES, options, Simulated.quotas()),
                    new Kucoin(MarketType.SPOT, options, Simulated.quotas()),
                    new Kucoin(MarketType.FUTURES, options, Simulated.quotas()),
                    new Gate(MarketType.SPOT, options, Simulated.quotas()),
                    new Gate(MarketType.FUTURES, options, Simulated.quotas()),
                    new Phemex(MarketType.SPOT, options, Simulated.quotas()),
                    new Phemex(MarketType.FUTURES, options, Simulated.quotas()))) {
                Tape tape = new Tape(protocol.listings(), seed, false, 10_000 / 13.0, START, 1_000_000);
                tape.advance(START + 60 * Nanos.PER_SECOND, batch -> {});
                symbols.add(coin(tape).listing.symbol());
                assertThat(coin(tape).count())
                        .as("%s, seed %s", protocol.market(), seed)
                        .isGreaterThan(60 * 5);
                assertThat(protocol.listings()).hasSize(options.instruments());
            }
            assertThat(symbols)
                    .containsExactlyInAnyOrder(
                            "SKYNUSDT", "SKYN-USDT", "SKYN-USDT-SWAP", "SKYNUSDTM", "SKYN_USDT", "sSKYNUSDT");
        }
    }
}
